//! What the command leaves behind: arrays, a table, figures, a summary, and how it was made.

use super::analysis::{Analysis, Pair, Scores};
use super::interval::Interval;
use super::method::{Method, Settings};
use super::{figures, summary};
use crate::error::Result;
use crate::io::{Array, Arrays, Loaded, Packing, Provenance, write_atomically, write_fitted, write_rows};
use crate::recording::Recording;
use crate::regions::Projection;
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// Everything that the files and the report are made of.
pub struct Results<'a> {
    pub analysis: &'a Analysis,
    /// After preprocessing.
    pub recording: &'a Recording,
    pub loaded: &'a Loaded,
    pub settings: &'a Settings,
}

/// The result with `--json`.
#[derive(Serialize)]
pub struct Document<'a> {
    folder: String,
    method: Method,
    dt_s: f64,
    tau_s: f64,
    neurons: usize,
    regions: Vec<Region<'a>>,
    /// Row of each neuron in the file.
    neuron_index: &'a [usize],
    scores: &'a Scores,
    pairs: &'a [Pair],
    notices: &'a [String],
    not_checked: Vec<String>,
}

#[derive(Serialize)]
struct Region<'a> {
    name: &'a str,
    neurons: usize,
}

impl Results<'_> {
    /// Writes every file; each appears whole or not at all.
    pub fn write(&self, folder: &Path, provenance: &Provenance) -> Result<()> {
        write_fitted(&folder.join("fitted.npz"), &self.analysis.fitted)?;
        self.currents()?.write_npz(&folder.join("currents.npz"), Packing { single: true, compressed: true })?;
        self.table(&folder.join("table.csv"))?;
        figures::write(self, folder)?;
        write_atomically(&folder.join("summary.txt"), |file| file.write_all(self.text(folder).as_bytes()))?;
        provenance.write(&folder.join("provenance.toml"))
    }

    /// The summary.
    pub fn text(&self, folder: &Path) -> String {
        summary::text(self, folder)
    }

    /// The same for programs.
    pub fn document(&self, folder: &Path) -> Document<'_> {
        Document {
            folder: folder.display().to_string(),
            method: self.settings.method,
            dt_s: self.recording.clock.dt(),
            tau_s: self.settings.tau,
            neurons: self.recording.neurons(),
            regions: self.recording.regions.iter().map(|(name, range)| Region { name, neurons: range.len() }).collect(),
            neuron_index: &self.loaded.recorded.neuron_index,
            scores: &self.analysis.scores,
            pairs: &self.analysis.pairs,
            notices: &self.loaded.notices,
            not_checked: summary::not_checked(self),
        }
    }

    /// `current_<source>_to_<target>` (neurons of the target × fitted samples) with its excitatory and inhibitory parts, and, where
    /// there is a posterior, its standard deviation and the ends of its 90 % interval.
    fn currents(&self) -> Result<Arrays> {
        let currents = &self.analysis.currents;
        let mut arrays = Arrays::default();
        arrays.push("dt_s", Array::of(currents.clock().dt()));
        let index = &self.loaded.recorded.neuron_index;
        arrays.push("neuron_index", Array::vector(index.iter().map(|&row| row as f64).collect()));
        arrays.push("region_sizes", Array::vector(currents.regions().sizes().iter().map(|&size| size as f64).collect()));
        for projection in currents.regions().projections() {
            let name = entry_name(&projection);
            arrays.push(format!("current_{name}"), Array::from(currents.get(&projection)?));
            arrays.push(format!("excitatory_{name}"), Array::from(&currents.excitatory(&projection)?));
            arrays.push(format!("inhibitory_{name}"), Array::from(&currents.inhibitory(&projection)?));
            if let Some(posterior) = &self.analysis.fitted.posterior {
                let open = posterior.current(currents.regions(), &projection)?.at(&self.analysis.fitted.sample_columns);
                for (kind, matrix) in [("deviation", &open.deviation), ("low", &open.low), ("high", &open.high)] {
                    arrays.push(format!("{kind}_{name}"), Array::from(matrix));
                }
            }
        }
        arrays.push_text("region_names", currents.regions().names().to_vec());
        Ok(arrays)
    }

    fn table(&self, path: &Path) -> Result<()> {
        let header = [
            "source",
            "target",
            "mean_absolute",
            "net",
            "rms",
            "share",
            "over_total",
            "excitatory_rms",
            "inhibitory_rms",
            "agreement_between_two_fits",
            "interval_90",
            "sign_known",
            "expected_correlation",
            "verdict",
            "reason",
        ];
        let row = |p: &Pair| {
            let numbers = [p.mean_absolute, p.net, p.rms, p.share, p.over_total, p.excitatory_rms, p.inhibitory_rms];
            let agreement = p.agreement.map_or(String::new(), |value| value.to_string());
            let mut cells = vec![p.source.clone(), p.target.clone()];
            cells.extend(numbers.iter().map(f64::to_string));
            cells.push(agreement);
            cells.extend(p.interval.as_ref().map_or_else(Default::default, interval_cells));
            cells
        };
        write_rows(path, &header, self.analysis.pairs.iter().map(row))
    }
}

fn interval_cells(interval: &Interval) -> [String; 5] {
    let [half_width, known, expected] = [interval.half_width, interval.sign_known, interval.expected].map(|value| value.to_string());
    [half_width, known, expected, interval.verdict.name().into(), interval.reason.clone()]
}

/// A name for an entry of an archive: a region may be called anything, an entry may not look like a folder.
fn entry_name(projection: &Projection) -> String {
    format!("{}_to_{}", projection.source, projection.target).replace(['/', '\\'], "-")
}
