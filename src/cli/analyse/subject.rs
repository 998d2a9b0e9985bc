//! What the file holds: a recording, a network, or both.

use crate::error::{Error, Result};
use crate::io::{self, Source};
use crate::network::Network;
use crate::preprocess::Preprocess;
use crate::recording::Recording;

/// What is analysed.
pub struct Subject {
    /// Name of the file.
    pub name: String,
    /// After preprocessing.
    pub recording: Option<Recording>,
    pub network: Option<Network>,
    /// The rates of the network as they were recorded, from which states can be read; only where there is a network.
    pub states: Option<Recording>,
}

impl Subject {
    /// Whichever kind of file this is.
    pub fn read(source: &Source) -> Result<(Self, Vec<String>)> {
        let name = source.file.file_name().unwrap_or(source.file.as_os_str()).to_string_lossy().into_owned();
        if source.array.is_none() && io::is_fitted(&source.file)? {
            let fitted = io::read_fitted(&source.file)?;
            let recording = Some(fitted.at_samples()?);
            let remark = "the activity is that of the fitted network".to_string();
            return Ok((Subject { name, states: recording.clone(), recording, network: Some(fitted.network) }, vec![remark]));
        }
        if let Ok(network) = io::read_network(&source.file) {
            return Ok((Subject { name, recording: None, network: Some(network), states: None }, Vec::new()));
        }
        let loaded = source.read()?;
        let (recording, network) = (loaded.recorded.recording, loaded.recorded.truth);
        let states = network.is_some().then(|| recording.clone());
        let notices = loaded.notices.into_iter().map(|notice| match notice.split_once(" and there is a single current") {
            Some((one, _)) => one.to_string(),
            None => notice,
        });
        Ok((Subject { name, recording: Some(recording), network, states }, notices.collect()))
    }

    /// Keeps the samples of `window`, such as 0:600.
    pub fn cut(&mut self, window: &str, notices: &mut Vec<String>) -> Result<()> {
        let Some(recording) = &self.recording else {
            return Err(Error::parameter("--samples", window, "nothing: the file holds no recording"));
        };
        let numbers = window.split_once(':').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        let Some((start, end)) = numbers.filter(|(start, end): &(usize, usize)| start < end && *end <= recording.samples()) else {
            return Err(Error::parameter("--samples", window, format!("A:B with A < B, at most {}", recording.samples())));
        };
        if end - start < 10 {
            return Err(Error::parameter("--samples", window, "at least 10 samples"));
        }
        let before = recording.neurons();
        let cut = io::Recorded::from(recording.window(start..end)?).drop_constant(0..end - start, notices)?.recording;
        if cut.neurons() < before {
            // A part of the neurons of a network says nothing about its states.
            self.states = None;
        } else if let Some(states) = &self.states {
            self.states = Some(states.window(start..end)?);
        }
        self.recording = Some(cut);
        Ok(())
    }

    pub fn prepare(&mut self, preprocess: &Preprocess) -> Result<()> {
        if let Some(recording) = &self.recording {
            self.recording = Some(preprocess.apply(recording)?);
        }
        Ok(())
    }

    /// One line: what there is.
    pub fn describe(&self) -> String {
        let regions = |regions: &crate::regions::Regions| match regions.count() {
            1 => "1 region".to_string(),
            count => format!("{count} regions"),
        };
        let recording = self.recording.as_ref().map(|r| {
            let trials = if r.trial_starts.len() == 1 { String::new() } else { format!(" in {} trials", r.trial_starts.len()) };
            format!("{} neurons in {} × {} samples every {} s{trials}", r.neurons(), regions(&r.regions), r.samples(), short(r.clock.dt()))
        });
        let network = self.network.as_ref().map(|n| match &self.recording {
            Some(_) => "its network".to_string(),
            None => format!("a network of {} neurons in {}", n.neurons(), regions(&n.regions)),
        });
        format!("{}: {}", self.name, [recording, network].into_iter().flatten().collect::<Vec<_>>().join(", and "))
    }
}

/// Six significant digits without trailing zeros.
fn short(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}
