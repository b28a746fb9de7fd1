//! Calling windows and local time: when a number may be called, and when something is due.
