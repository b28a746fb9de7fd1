//! Starts, drives and stops the peers, and reads what they saw.

pub(crate) mod attempts;
pub(crate) mod baresip;
pub(crate) mod capture;
pub(crate) mod chance;
pub(crate) mod daemon;
pub(crate) mod database;
pub(crate) mod folder;
pub(crate) mod journal;
pub(crate) mod kamailio;
pub(crate) mod ladder;
pub(crate) mod line;
pub(crate) mod network;
pub(crate) mod night;
pub(crate) mod pcap;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod scenario;
pub(crate) mod sip_text;
pub(crate) mod sipp;
pub(crate) mod size;
pub(crate) mod speech;
pub(crate) mod table;
pub(crate) mod user_agent;
pub(crate) mod wav;
