//! What one leg hears of another: a queue that turns packets which come when they like into a frame at every tick.
