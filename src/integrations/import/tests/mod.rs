//! Whole files through the door.
