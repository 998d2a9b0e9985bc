//! `crosscurrent trakr`: a reservoir that follows a signal (TRAKR): changes in a long recording, classes of many series.

mod classify;
mod reservoir;
mod track;

use super::Session;
use crate::error::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Follow a signal with a reservoir: find where it changes, or which class it is of (TRAKR)
#[derive(Clone, Debug, Args)]
pub struct Trakr {
    #[command(subcommand)]
    task: Task,
}

#[derive(Clone, Debug, Subcommand)]
enum Task {
    Track(Box<track::TrackCommand>),
    Classify(Box<classify::Classify>),
}

impl Trakr {
    /// Runs the command.
    ///
    /// # Errors
    /// Input that cannot be used, a folder that cannot be written, a wish to stop.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        match &self.task {
            Task::Track(task) => task.run(session),
            Task::Classify(task) => task.run(session),
        }
    }
}
