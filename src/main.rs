//! The program: parse the command line, call one function of `cli/`.

use std::process::ExitCode;

#[cfg(not(panic = "unwind"))]
compile_error!("a call that panics ends alone: panics must unwind");

fn main() -> ExitCode {
    aftercall::cli::main()
}
