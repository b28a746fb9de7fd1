//! The real engine on loopback sockets.
