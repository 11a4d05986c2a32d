"""The command line: options, progress, messages, exit status, folder names."""
