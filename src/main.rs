//! The command `crosscurrent`.

fn main() {}
