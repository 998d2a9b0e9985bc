//! The command `reproduce`.

fn main() {}
