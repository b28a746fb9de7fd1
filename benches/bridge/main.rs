//! `scripts/bench bridge`: so many conversations at once, and how long the daemon holds a voice on its way from one side to
//! the other. docs/performance.md describes the figures.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: figures are its output"
)]

mod far_side;
mod figures;
mod pairs;
mod stamp;

use std::process::ExitCode;

use clap::Parser;

/// Bridge: N conversations at once through the daemon's media workers, for each N.
///
/// Each conversation is two legs on one worker, bridged, the patient's one recorded in stereo. Half of them are PCMA on
/// both sides, in the other half the patient's side is PCMU. The legs are driven as the daemon's control drives them, by
/// commands to its media workers; SIP has no part in it, and neither has the database. A process of its own is the far end
/// of all of them: every side sends 50 packets a second, two seconds of stamps, then half a second of quiet. A stamp is
/// made of sound: a pulse and the packet's number, read at the other side whatever codec it went through.
///
/// delay: what the bridge adds: from the sending of a packet until its pulse plays at the other side, if both play what
/// they get at once; arrival is the kernel's stamp, so that the far end's own load does not count. cpu: user and system
/// time of the process with the workers over the seconds of conversation. lost: stamps that were never heard, of all. The
/// first three seconds are not counted. A run of one N takes as long as is measured and ten seconds more; Ctrl-C ends both
/// processes.
#[derive(Debug, Parser)]
#[command(name = "bridge", bin_name = "scripts/bench bridge", max_term_width = 110)]
struct Arguments {
    /// Conversations at once; several one after another.
    #[arg(long, value_delimiter = ',', default_value = "100", value_name = "N,…", value_parser = clap::value_parser!(u32).range(1..=1000))]
    calls: Vec<u32>,
    /// How long is measured.
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,
    /// One line of JSON for each N instead of the table.
    #[arg(long)]
    json: bool,
    /// To be the far end of so many sockets.
    #[arg(long, hide = true)]
    far_side: Option<u32>,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.far_side {
        Some(sockets) => far_side::run(sockets, arguments.seconds),
        None => measure(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    if !arguments.json {
        println!("{}", figures::HEAD);
    }
    for &calls in &arguments.calls {
        let figures = pairs::measure(calls, arguments.seconds)?;
        if arguments.json {
            println!("{}", serde_json::to_string(&figures)?);
        } else {
            println!("{}", figures.row());
        }
    }
    Ok(())
}
