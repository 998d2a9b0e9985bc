//! `crosscurrent trakr …`: follow signals with a reservoir.

mod classify;

use super::Session;
use crate::error::Result;
use clap::Subcommand;
use std::process::ExitCode;

/// Follow a signal with a reservoir: where does it change, and which class is it of?
#[derive(Debug, Subcommand)]
pub enum Trakr {
    Classify(Box<classify::Classify>),
}

impl Trakr {
    /// Runs the command.
    ///
    /// # Errors
    /// What the command gives.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        match self {
            Trakr::Classify(task) => task.run(session),
        }
    }
}
