//! The command `crosscurrent`; everything it does stands in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    crosscurrent::cli::run()
}
