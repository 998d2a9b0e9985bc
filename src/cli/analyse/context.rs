//! What an analysis can look at.

use super::Analyse;
use super::subject::Subject;
use crate::cli::Session;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::recording::Recording;

/// The file, the options, and the session.
pub struct Context<'a> {
    pub subject: &'a Subject,
    pub options: &'a Analyse,
    pub session: &'a Session,
}

impl Context<'_> {
    /// The recording, if the file holds one.
    pub fn recording(&self) -> Result<&Recording> {
        self.subject.recording.as_ref().ok_or_else(|| Error::data("the file", "it holds no recording", "give one with neurons × time"))
    }

    /// The network, if the file holds one.
    pub fn network(&self) -> Result<&Network> {
        let remedy = "fit one (crosscurrent fit), or give a recording that `simulate` wrote";
        self.subject.network.as_ref().ok_or_else(|| Error::data("the file", "it holds no network", remedy))
    }

    /// A recording with at least two regions.
    pub fn regions(&self) -> Result<&Recording> {
        let recording = self.recording()?;
        match recording.regions.count() {
            0 | 1 => Err(Error::data("the recording", "it has one region", "name several with --regions or --labels and --by")),
            _ => Ok(recording),
        }
    }

    pub fn components(&self) -> usize {
        self.options.components
    }

    pub fn longest(&self) -> Option<f64> {
        self.options.longest
    }

    pub fn block(&self) -> Option<usize> {
        self.options.block
    }

    pub fn starts(&self) -> usize {
        self.options.starts
    }
}

/// All neurons, then each region where there are several: a name and a recording of these neurons alone.
pub fn parts(recording: &Recording) -> Result<Vec<(String, Recording)>> {
    let mut parts = vec![("all".to_string(), recording.clone())];
    if recording.regions.count() > 1 {
        for (name, range) in recording.regions.iter() {
            let rates = recording.rates.rows(range.start, range.len()).into_owned();
            let regions = crate::regions::Regions::single(name, range.len())?;
            parts.push((name.to_string(), Recording { rates, regions, inputs: None, ..recording.clone() }));
        }
    }
    Ok(parts)
}
