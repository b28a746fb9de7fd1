//! The program: parse the command line, call one function of `cli/`.

use std::process::ExitCode;

fn main() -> ExitCode {
    aftercall::cli::main()
}
