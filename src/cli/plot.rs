//! `crosscurrent plot`: curves and phase diagrams from a table of trials.

use super::Session;
use crate::error::{Error, Result};
use crate::identify::{Frame, Levels, Series, align};
use crate::io;
use crate::plot::trials::{curves, phases};
use clap::Args;
use nalgebra::DMatrix;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Draw a table of trials: a score over a parameter, or over two
///
/// With a score as --y: curves over --x, one per value of --colour, with 95 % bands of the mean (bootstrap over seeds). With a parameter as --y
/// and a score as --colour: a phase diagram of its mean, with the line at which it stops being reliable. Columns may be named by their beginning.
#[derive(Debug, Args)]
pub struct PlotCommand {
    /// trials.csv of `identify --study`
    table: PathBuf,
    /// Parameter along the horizontal axis
    #[arg(long, value_name = "COLUMN")]
    x: String,
    /// Score, or second parameter, along the vertical axis
    #[arg(long, value_name = "COLUMN")]
    y: String,
    /// What colours tell: a parameter (curves), or the score (phase diagram); default: method, or currents between
    #[arg(long, value_name = "COLUMN")]
    colour: Option<String>,
    /// A panel for each value of this parameter; default: the method, where nothing else shows it
    #[arg(long, value_name = "COLUMN")]
    panels: Option<String>,
    /// Keep only the trials with this value
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    keep: Vec<String>,
    /// A method counts as reliable where the mean is at least this
    #[arg(long, value_name = "SCORE", default_value_t = 0.9)]
    reliable: f64,
}

/// The columns that a figure is made of.
struct Plan {
    frame: Frame,
    x: Levels,
    y: String,
    colour: String,
    panels: Option<String>,
    phase: bool,
}

impl PlotCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// A table that cannot be read, a column that is not there, or a folder that cannot be written.
    pub fn run(&self, session: &Session) -> Result<ExitCode> {
        let plan = self.plan()?;
        let folder = session.folder("plot")?;
        plan.warn(session);
        let (figure, text, document) = if plan.phase { plan.phase_diagram(self.reliable)? } else { plan.curves(self.reliable)? };
        figure.save(&folder, "plot")?;
        session.provenance(&folder, &[&self.table], &[])?;
        session.report(&format!("{text}Written to {}", folder.join("plot.svg").display()), &document)?;
        Ok(ExitCode::SUCCESS)
    }

    fn plan(&self) -> Result<Plan> {
        let frame = io::read_frame(&self.table)?;
        let named = |name: &str| column(&frame, name);
        let pairs = self.keep.iter().map(|text| {
            let (name, value) = text.split_once('=').ok_or_else(|| Error::parameter("--where", text, "COLUMN=VALUE"))?;
            Ok((named(name.trim())?, value.trim().to_string()))
        });
        let frame = frame.keep(&pairs.collect::<Result<Vec<_>>>()?)?;
        let (x, y) = (named(&self.x)?, named(&self.y)?);
        let parameters: Vec<String> = frame.parameters().into_iter().map(str::to_string).collect();
        let phase = parameters.contains(&y);
        let colour = match &self.colour {
            Some(colour) => named(colour)?,
            None => {
                if phase {
                    named("currents between")?
                } else {
                    named("method")?
                }
            }
        };
        if phase == parameters.contains(&colour) {
            return Err(Error::parameter("--colour", colour, "a score where --y is a parameter, a parameter where --y is a score"));
        }
        let shown = x == "method" || y == "method" || colour == "method" || !parameters.iter().any(|p| p == "method");
        let panels = match &self.panels {
            Some(panels) => Some(named(panels)?),
            None => (!shown).then(|| "method".to_string()),
        };
        let x = Levels::of(&frame, &x)?;
        Ok(Plan { frame, x, y, colour, panels, phase })
    }
}

/// The column that a name means: its own, or the only one that begins so or whose path ends so.
fn column(frame: &Frame, name: &str) -> Result<String> {
    let names = frame.names();
    if names.contains(&name) {
        return Ok(name.to_string());
    }
    let meant: Vec<&str> = names.iter().copied().filter(|known| known.starts_with(name) || known.ends_with(&format!(".{name}"))).collect();
    match meant[..] {
        [only] => Ok(only.to_string()),
        _ => Err(Error::parameter("column", name, format!("one of: {}", names.join("; ")))),
    }
}

type Drawn = (crate::plot::Figure, String, serde_json::Value);

impl Plan {
    /// Says which parameters a mean runs over although they vary.
    fn warn(&self, session: &Session) {
        let used = [Some(&self.x.label), Some(&self.y), Some(&self.colour), self.panels.as_ref()];
        for name in self.frame.parameters().into_iter().filter(|name| !used.iter().flatten().any(|used| used == name)) {
            if let Ok(levels) = Levels::of(&self.frame, name)
                && levels.names.len() > 1
            {
                session.notice(&format!("means run over {name} = {}; choose one with --where", levels.names.join(", ")));
            }
        }
    }

    fn curves(&self, reliable: f64) -> Result<Drawn> {
        let colours = Levels::of(&self.frame, &self.colour)?;
        let (mut panels, mut grid, mut rows) = (Vec::new(), vec![header(&[&self.colour, &self.x.label])], Vec::new());
        for (title, part) in self.frame.split(self.panels.as_deref())? {
            let mut series = Vec::new();
            for name in &colours.names {
                let Ok(of_colour) = part.keep(&[(self.colour.clone(), name.clone())]) else { continue };
                let cells = of_colour.cells_of(&self.x, &self.y)?;
                for (level, cell) in self.x.names.iter().zip(&cells).filter(|(_, cell)| cell.count > 0) {
                    let [mean, low, high] = [cell.mean, cell.low, cell.high].map(|v| format!("{v:.3}"));
                    let place = if title.is_empty() { name.clone() } else { format!("{title}: {name}") };
                    grid.push(vec![place, level.clone(), mean, format!("[{low}, {high}]"), cell.count.to_string()]);
                    rows.push(json!({ "panel": title, "colour": name, "x": level, "cell": cell }));
                }
                series.push(Series { name: name.clone(), cells });
            }
            panels.push((title, series));
        }
        Ok((curves(&panels, (&self.x, &self.y), reliable), align(&grid), json!(rows)))
    }

    fn phase_diagram(&self, reliable: f64) -> Result<Drawn> {
        let y = Levels::of(&self.frame, &self.y)?;
        let (mut panels, mut text, mut documents) = (Vec::new(), String::new(), Vec::new());
        for (title, part) in self.frame.split(self.panels.as_deref())? {
            let mut means = DMatrix::from_element(y.names.len(), self.x.names.len(), f64::NAN);
            for (row, level) in y.names.iter().enumerate() {
                let Ok(of_row) = part.keep(&[(self.y.clone(), level.clone())]) else { continue };
                for (column, cell) in of_row.cells_of(&self.x, &self.colour)?.iter().enumerate() {
                    means[(row, column)] = cell.mean;
                    documents.push(json!({ "panel": title, "x": self.x.names[column], "y": level, "cell": cell }));
                }
            }
            text.push_str(&format!("{title}: {}, rows {}, columns {}\n{}\n", self.colour, self.y, self.x.label, self.grid(&y, &means)));
            panels.push((title, means));
        }
        Ok((phases(&panels, (&self.x, &y, &self.colour), reliable), text, json!(documents)))
    }

    /// The means as text, the largest y on top as in the figure.
    fn grid(&self, y: &Levels, means: &DMatrix<f64>) -> String {
        let mut grid = vec![std::iter::once(String::new()).chain(self.x.names.iter().cloned()).collect::<Vec<_>>()];
        for row in (0..means.nrows()).rev() {
            grid.push(std::iter::once(y.names[row].clone()).chain(means.row(row).iter().map(|v| format!("{v:.3}"))).collect());
        }
        align(&grid)
    }
}

fn header(names: &[&str]) -> Vec<String> {
    names.iter().copied().chain(["mean", "95 % of the mean", "trials"]).map(str::to_string).collect()
}
