//! Keeps a long measurement on disk while it runs.

use crate::analysis::LyapunovRun;
use crate::error::{Error, Result, in_range};
use crate::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The checkpoint of one job.
pub struct Keeper {
    path: PathBuf,
    job: String,
    every: Duration,
    last: Instant,
}

impl Keeper {
    /// The checkpoint in `folder`, written every `seconds`.
    pub fn new(folder: &Path, job: String, seconds: f64) -> Result<Self> {
        in_range("checkpoint", seconds, 0.0..=1e9, "seconds, at least 0")?;
        Ok(Keeper { path: place(folder), job, every: Duration::from_secs_f64(seconds), last: Instant::now() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What an earlier run of the same job has left, as the continuation of `beginning`.
    ///
    /// # Errors
    /// A file that cannot be read, or that belongs to another job.
    pub fn read(&self, beginning: LyapunovRun) -> Result<Option<LyapunovRun>> {
        let kept = |error: Error| match error {
            Error::File { path, problem, .. } => Error::file(path, problem, "choose another --out, or start anew with --fresh"),
            other => other,
        };
        self.path.exists().then(|| io::read_checkpoint(&self.path, &self.job, beginning)).transpose().map_err(kept)
    }

    /// Writes the checkpoint; it is on disk when this returns.
    pub fn write(&mut self, run: &LyapunovRun) -> Result<()> {
        self.last = Instant::now();
        io::write_checkpoint(&self.path, &self.job, run)
    }

    /// Writes it if the last one is old enough.
    pub fn write_if_due(&mut self, run: &LyapunovRun) -> Result<()> {
        if self.last.elapsed() >= self.every { self.write(run) } else { Ok(()) }
    }

    /// Removes the checkpoint of a job that is done.
    pub fn remove(folder: &Path) -> Result<()> {
        match std::fs::remove_file(place(folder)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file(place(folder), error, "remove it by hand: the job is done"))
            }
            _ => Ok(()),
        }
    }
}

fn place(folder: &Path) -> PathBuf {
    folder.join("checkpoint.npz")
}
