//! What the command leaves behind: tables, arrays, a figure, a summary.

use super::figure;
use super::pass::Pass;
use super::setup::Setup;
use crate::error::Result;
use crate::io::{Array, Arrays, Packing, write_atomically, write_rows};
use crate::track::{Alignment, Kind};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

/// Changes that the summary lists.
const LISTED: usize = 20;

/// Everything that the files and the report are made of.
pub struct Results<'a> {
    pub setup: &'a Setup,
    pub pass: &'a Pass,
    pub alignment: Option<&'a Alignment>,
    /// After an event, in s.
    pub window: (f64, f64),
}

/// The result with `--json`.
#[derive(Serialize)]
pub struct Document<'a> {
    folder: String,
    dt_s: f64,
    samples: usize,
    judged_s: f64,
    block_s: f64,
    false_alarm: f64,
    threshold: f64,
    change_points: Vec<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Events>,
    notices: &'a [String],
}

#[derive(Serialize)]
struct Point {
    time_s: f64,
    kind: &'static str,
    known_s: f64,
}

#[derive(Serialize)]
struct Events {
    events: usize,
    mean_z: f64,
    mean_z_shifted: f64,
    mean_z_p: f64,
    with_departure: usize,
    with_departure_shifted: f64,
    with_departure_p: f64,
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Departure => "departure",
        Kind::Return => "return",
    }
}

impl Results<'_> {
    /// Seconds of a number of samples.
    pub fn seconds(&self, samples: usize) -> f64 {
        samples as f64 * self.setup.samples.dt()
    }

    /// Writes every file; each appears whole or not at all.
    pub fn write(&self, folder: &Path) -> Result<()> {
        self.arrays().write_npz(&folder.join("track.npz"), Packing { single: true, compressed: true })?;
        let blocks = self.pass.blocks.iter().map(|(start, b)| {
            let numbers = [self.seconds(*start), b.score, b.share, b.statistic].map(|value| value.to_string());
            numbers.into_iter().chain([u8::from(b.departed).to_string()]).collect::<Vec<_>>()
        });
        write_rows(&folder.join("table.csv"), &["start_s", "score", "share_as_high", "statistic", "departed"], blocks)?;
        let points = self.points();
        let rows = points.iter().map(|p| vec![p.time_s.to_string(), p.kind.to_string(), p.known_s.to_string()]);
        write_rows(&folder.join("change_points.csv"), &["time_s", "kind", "known_s"], rows)?;
        if let Some(a) = self.alignment {
            let row = |k: usize| [a.lags[k], a.average[k], a.band.0[k], a.band.1[k]].map(|v| v.to_string()).to_vec();
            write_rows(&folder.join("events.csv"), &["lag_s", "mean_z", "shifted_low", "shifted_high"], (0..a.lags.len()).map(row))?;
        }
        figure::track(self)?.save(folder, "track")?;
        write_atomically(&folder.join("summary.txt"), |file| file.write_all(self.text(folder).as_bytes()))
    }

    fn arrays(&self) -> Arrays {
        let mut arrays = Arrays::default();
        let blocks = &self.pass.blocks;
        let mut put = |name: &str, values: Vec<f64>| arrays.push(name, Array::vector(values));
        put("block_start_s", blocks.iter().map(|(start, _)| self.seconds(*start)).collect());
        put("block_score", blocks.iter().map(|(_, block)| block.score).collect());
        put("z", self.pass.course.values.clone());
        put("change_s", self.pass.changes.iter().map(|change| self.seconds(change.sample)).collect());
        arrays.push("dt_s", Array::of(self.setup.samples.dt()));
        arrays.push("z_dt_s", Array::of(self.pass.course.cell));
        if let Some(errors) = &self.pass.learning_error {
            let outputs = self.setup.targets.len();
            let shape = vec![outputs, errors.len() / outputs];
            let array = Array::from_column_major(shape, errors.clone()).expect("a value for each output and sample");
            arrays.push("learning_error", array);
        }
        arrays
    }

    fn points(&self) -> Vec<Point> {
        let point = |change: &crate::track::Change| Point {
            time_s: self.seconds(change.sample),
            kind: name(change.kind),
            known_s: self.seconds(change.known),
        };
        self.pass.changes.iter().map(point).collect()
    }

    /// The summary.
    pub fn text(&self, folder: &Path) -> String {
        let mut text = self.heading();
        text.push_str(&self.changes());
        text.push_str(&self.events());
        text.push_str(&self.limits());
        let events = if self.alignment.is_some() { "events.csv, " } else { "" };
        let files = format!("track.npz, table.csv, change_points.csv, {events}track.svg, track.png, summary.txt, provenance.toml");
        let _ = writeln!(text, "\nWritten to {}: {files}", folder.display());
        text
    }

    fn heading(&self) -> String {
        let Setup { samples, inputs, targets, train, calibrate, .. } = self.setup;
        let list = |channels: &[usize]| {
            if channels.len() > 8 {
                return channels.len().to_string();
            }
            channels.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        };
        let mut text = format!(
            "{} channels × {} samples every {} s; a reservoir of {} units, tau {} s, reads channels {} and follows {}\n",
            samples.channels(),
            samples.count(),
            short(samples.dt()),
            self.setup.units,
            short(self.setup.tau),
            list(inputs),
            list(targets)
        );
        let span = |range: &std::ops::Range<usize>| format!("{}–{} s", short(self.seconds(range.start)), short(self.seconds(range.end)));
        let _ = writeln!(
            text,
            "Learned at {}, calibrated at {}, judged in {} blocks of {} s",
            span(train),
            span(calibrate),
            self.pass.blocks.len(),
            short(self.seconds(self.setup.detector.block()))
        );
        self.setup.notices.iter().for_each(|notice| text.push_str(&format!("Note: {notice}\n")));
        text
    }

    fn changes(&self) -> String {
        let detection = &self.setup.detection;
        let departed = self.pass.blocks.iter().filter(|(_, block)| block.departed).count();
        let mut text = format!(
            "\nDepartures: {} ({:.1} % of the blocks); if nothing had changed, any at all with a probability of at most {}\n",
            self.pass.departures().count(),
            100.0 * departed as f64 / self.pass.blocks.len().max(1) as f64,
            detection.false_alarm
        );
        for point in self.points().iter().take(LISTED) {
            let _ = writeln!(text, "  {:>12.3} s  {:9}  (known at {:.3} s)", point.time_s, point.kind, point.known_s);
        }
        if self.pass.changes.len() > LISTED {
            let _ = writeln!(text, "  … {} more in change_points.csv", self.pass.changes.len() - LISTED);
        }
        text
    }

    fn events(&self) -> String {
        let Some(a) = self.alignment else { return String::new() };
        let (from, to) = self.window;
        format!(
            "\nEvents: {}; in the window {from}–{to} s after them, beside the same events shifted in a circle\n  \
             mean z of E        {:>8.2}   shifted {:>8.2}   p = {:.4}\n  \
             with a departure   {:>8}   shifted {:>8.2}   p = {:.4}\n",
            a.events, a.level.0, a.level.1, a.level_p, a.hits.0, a.hits.1, a.hits_p
        )
    }

    fn limits(&self) -> String {
        let mut items = vec![
            "The probability holds if the judged part is like the calibration stretch and blocks are exchangeable: a slow drift of the signal \
             is a change to the detector. Returns are not controlled."
                .to_string(),
            "A change that the reservoir follows as well as what it learned goes unseen; so does one from one departure to another.".to_string(),
        ];
        if !self.setup.detection.frozen_correlation {
            items.push("P goes on shrinking (--shrinking), and E(t) with it: late changes are seen less.".to_string());
        }
        if self.pass.learning_error.is_none() {
            items.push("E(t) of single samples was not written: the recording is long. z in track.npz has its means.".to_string());
        }
        let lines: String = items.into_iter().map(|item| format!("  - {item}\n")).collect();
        format!("\nHow to read it\n{lines}")
    }

    /// The same for programs.
    pub fn document(&self, folder: &Path) -> Document<'_> {
        Document {
            folder: folder.display().to_string(),
            dt_s: self.setup.samples.dt(),
            samples: self.setup.samples.count(),
            judged_s: self.seconds(self.pass.judged),
            block_s: self.seconds(self.setup.detector.block()),
            false_alarm: self.setup.detection.false_alarm,
            threshold: self.setup.detector.alarm().threshold(),
            change_points: self.points(),
            events: self.alignment.map(|a| Events {
                events: a.events,
                mean_z: a.level.0,
                mean_z_shifted: a.level.1,
                mean_z_p: a.level_p,
                with_departure: a.hits.0,
                with_departure_shifted: a.hits.1,
                with_departure_p: a.hits_p,
            }),
            notices: &self.setup.notices,
        }
    }
}

/// Up to four significant digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    rounded.to_string()
}
