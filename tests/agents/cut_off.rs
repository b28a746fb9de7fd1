//! The network of one side cut in mid-call.
