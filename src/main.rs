//! The program: parse the command line, call one function of `cli/`.

use std::process::ExitCode;

#[cfg(not(panic = "unwind"))]
compile_error!("a call that panics ends alone: panics must unwind");

/// Gives freed pages back and does not grow by fragments over months, which glibc's allocator does (docs/decisions.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    aftercall::cli::main()
}
