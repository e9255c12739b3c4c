"""Cart and checkout pages."""
