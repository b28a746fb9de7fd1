//! Starts, drives and stops the peers, and reads what they saw.

pub(crate) mod baresip;
pub(crate) mod capture;
pub(crate) mod daemon;
pub(crate) mod database;
pub(crate) mod folder;
pub(crate) mod journal;
pub(crate) mod kamailio;
pub(crate) mod pcap;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod sipp;
pub(crate) mod speech;
pub(crate) mod wav;
