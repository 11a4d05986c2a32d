"""What tables say: classes, rates, survival, effects. No torch."""
