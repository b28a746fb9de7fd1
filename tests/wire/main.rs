//! The real engine over loopback sockets, against the simulated far end and through the doors that people use.

#![expect(clippy::print_stdout, reason = "figures, for whoever runs it with --nocapture")]
#![expect(clippy::unwrap_used, reason = "what the site cannot do ends the test")]

mod answerer;
mod browser;
mod far_side;
mod hanging;
mod house;
mod name_server;
mod program;
mod records;
mod relay;
mod site;
mod voice;

mod callers;
mod calls;
mod check_trunk;
mod console;
mod crash;
mod desk;
mod http;
mod injection;
mod install;
mod judge;
mod left_over;
mod live;
mod load;
mod names;
mod patients;
mod phones;
mod plan;
mod privacy;
mod refusals;
mod service;
mod settings;
mod steering;
mod streams;
