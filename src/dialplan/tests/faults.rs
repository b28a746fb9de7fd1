//! What a reader of a faulty dialplan is told.
