//! The transaction layer (RFC 3261 section 17): one table a figure, and what runs the tables.

mod client;
mod client_invite;
mod client_other;
mod server;
mod server_invite;
mod server_other;

pub(crate) use client::{Clients, Heard, Report, User};
pub(crate) use server::{Begun, Key, Servers};

#[cfg(test)]
mod tests;
