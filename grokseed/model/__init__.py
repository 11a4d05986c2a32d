"""The decoder over stacked parameters: layout, initial weights, forward passes."""
