//! Figures: panels on a page, written as SVG and PNG.

use super::font;
use super::legend;
use super::mark::Key;
use super::panel::{Panel, without_repeats};
use super::plan::{Margins, Plan};
use super::scale::Area;
use super::surface::{Align, Surface, Type, ZOOM, bitmap, svg};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// Panels on a page.
///
/// ```
/// use crosscurrent::plot::{Axis, Colour, Figure, Line, Panel, Points};
/// let gain: Vec<f64> = (0..20).map(|k| 0.1 * f64::from(k)).collect();
/// let radius: Vec<f64> = gain.iter().map(|g| 1.02 * g).collect();
/// let figure = Figure {
///     panels: vec![Panel {
///         x: Axis::new("gain g"),
///         y: Axis::new("spectral radius"),
///         marks: vec![
///             Line { x: gain.clone(), y: gain.clone(), label: "theory".into(), ..Line::default() }.into(),
///             Points { x: gain, y: radius, colour: Colour::BLUE, label: "simulation".into(), ..Points::default() }.into(),
///         ],
///         ..Panel::default()
///     }],
///     ..Figure::default()
/// };
/// let folder = std::env::temp_dir().join(format!("crosscurrent-figure-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let files = figure.save(&folder, "radius")?;
/// assert!(files[0].ends_with("radius.svg") && files[1].ends_with("radius.png"));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Words above all panels.
    pub title: String,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
    /// Panels side by side; 0 makes the grid as square as it can be, at most three wide.
    pub columns: usize,
    /// Width and height of one panel with its labels, in pixels of the SVG; the PNG has twice as many.
    pub panel_size: (u32, u32),
    /// Height of each row in units of a panel's height; rows that are not named have 1.
    pub row_heights: Vec<f64>,
    /// Leaves out the letters A, B, C … (a single panel never has one).
    pub hide_letters: bool,
    /// One legend below all panels instead of one in each.
    pub shared_legend: bool,
}

impl Default for Figure {
    fn default() -> Self {
        Figure {
            title: String::new(),
            panels: Vec::new(),
            columns: 0,
            panel_size: (340, 270),
            row_heights: Vec::new(),
            hide_letters: false,
            shared_legend: false,
        }
    }
}

const TITLE_SIZE: f64 = 14.0;
const EDGE: f64 = 4.0;

/// Where a panel stands in the grid.
struct Slot {
    row: usize,
    column: usize,
    span: usize,
}

impl Figure {
    /// Writes `<stem>.svg` and `<stem>.png` into `folder`, each under a temporary name first, and returns their paths.
    ///
    /// # Errors
    /// No panels, data whose shapes disagree, impossible ranges, or a folder that cannot be written.
    pub fn save(&self, folder: impl AsRef<Path>, stem: &str) -> Result<Vec<PathBuf>> {
        let (svg, png) = (self.svg()?, self.png()?);
        let path = |extension: &str| folder.as_ref().join(format!("{stem}.{extension}"));
        write_whole(&path("svg"), svg.as_bytes())?;
        write_whole(&path("png"), &png)?;
        Ok(vec![path("svg"), path("png")])
    }

    /// The text of the SVG file.
    ///
    /// # Errors
    /// As [`Figure::save`], but for the folder.
    pub fn svg(&self) -> Result<String> {
        self.check()?;
        svg(self.size(), |surface| self.draw(surface))
    }

    /// The bytes of the PNG file.
    ///
    /// # Errors
    /// As [`Figure::save`], but for the folder.
    pub fn png(&self) -> Result<Vec<u8>> {
        self.check()?;
        bitmap(self.size(), |surface| self.draw(surface)).png(ZOOM)
    }

    fn check(&self) -> Result<()> {
        if self.panels.is_empty() {
            return Err(Error::shape("figure", "at least one panel", 0));
        }
        let (width, height) = self.panel_size;
        if !(120..=4000).contains(&width) || !(100..=4000).contains(&height) {
            return Err(Error::parameter("panel_size", format!("{width} × {height}"), "120 to 4000 × 100 to 4000 pixels"));
        }
        if let Some(bad) = self.row_heights.iter().find(|height| !(0.3..=10.0).contains(*height)) {
            return Err(Error::parameter("row_heights", bad, "numbers from 0.3 to 10"));
        }
        self.panels.iter().try_for_each(Panel::check)?;
        self.plans().iter().try_for_each(|plan| plan.check_room(self.panel_size))
    }

    fn grid_columns(&self) -> usize {
        let square = (self.panels.len() as f64).sqrt().ceil() as usize;
        if self.columns > 0 { self.columns } else { square.min(3) }
    }

    /// Panels from left to right; one that does not fit begins a new row.
    fn slots(&self) -> Vec<Slot> {
        let columns = self.grid_columns();
        let (mut row, mut column) = (0, 0);
        let place = |panel: &Panel| {
            let span = panel.span.clamp(1, columns);
            if column + span > columns {
                (row, column) = (row + 1, 0);
            }
            column += span;
            Slot { row, column: column - span, span }
        };
        self.panels.iter().map(place).collect()
    }

    fn row_height(&self, row: usize) -> f64 {
        f64::from(self.panel_size.1) * self.row_heights.get(row).copied().unwrap_or(1.0)
    }

    fn width(&self) -> f64 {
        f64::from(self.panel_size.0) * self.grid_columns() as f64 + 2.0 * EDGE
    }

    fn title_lines(&self) -> Vec<String> {
        font::wrap(&self.title, TITLE_SIZE, true, self.width() - 20.0)
    }

    /// Top of the first row of panels.
    fn top(&self) -> f64 {
        let lines = self.title_lines().len() as f64;
        EDGE + if lines > 0.0 { 8.0 + lines * font::LINE * TITLE_SIZE } else { 0.0 }
    }

    /// Bottom of the last row of panels.
    fn bottom(&self) -> f64 {
        let rows = self.slots().last().map_or(0, |slot| slot.row + 1);
        self.top() + (0..rows).map(|row| self.row_height(row)).sum::<f64>()
    }

    fn legend_rows(&self) -> Vec<Vec<Key>> {
        let keys = without_repeats(self.panels.iter().flat_map(Panel::keys));
        if self.shared_legend { legend::rows(&keys, self.width()) } else { Vec::new() }
    }

    fn size(&self) -> (u32, u32) {
        let height = self.bottom() + legend::rows_height(&self.legend_rows()) + EDGE;
        (self.width().ceil() as u32, height.ceil() as u32)
    }

    fn draw(&self, surface: &mut dyn Surface) {
        for (k, line) in self.title_lines().iter().enumerate() {
            let at = (0.5 * self.width(), EDGE + 6.0 + (k as f64 * font::LINE + 0.85) * TITLE_SIZE);
            surface.text(line, at, Type { bold: true, ..Type::plain(TITLE_SIZE, Align::Centre) });
        }
        self.plans().iter().for_each(|plan| plan.draw(surface));
        legend::draw_rows(&self.legend_rows(), self.bottom() + 2.0, [EDGE, 0.5 * self.width(), self.width()], surface);
    }

    /// Every panel measured, with frames that line up along rows and columns.
    fn plans(&self) -> Vec<Plan<'_>> {
        let slots = self.slots();
        let letter = |k: usize| (self.panels.len() > 1 && !self.hide_letters && k < 26).then(|| char::from(b'A' + k as u8));
        let new = |(k, slot): (usize, &Slot)| Plan::new(&self.panels[k], self.cell(slot), letter(k), self.shared_legend);
        let mut plans: Vec<Plan> = slots.iter().enumerate().map(new).collect();
        // Tick labels depend on the size of the frame and the frame on the labels: three rounds settle both, and the legends.
        for _ in 0..3 {
            let margins: Vec<Margins> = plans.iter_mut().map(Plan::margins).collect();
            let widest = |pick: fn(&Margins) -> f64, same: &dyn Fn(&Slot) -> bool| {
                let alike = slots.iter().zip(&margins).filter(|(slot, _)| same(slot));
                alike.map(|(_, margins)| pick(margins)).fold(0.0, f64::max)
            };
            for (plan, slot) in plans.iter_mut().zip(&slots) {
                let end = slot.column + slot.span;
                plan.place(&Margins {
                    left: widest(|margins| margins.left, &|other| other.column == slot.column),
                    right: widest(|margins| margins.right, &|other| other.column + other.span == end),
                    top: widest(|margins| margins.top, &|other| other.row == slot.row),
                    bottom: widest(|margins| margins.bottom, &|other| other.row == slot.row),
                });
            }
        }
        plans
    }

    fn cell(&self, slot: &Slot) -> Area {
        let width = f64::from(self.panel_size.0);
        let top = self.top() + (0..slot.row).map(|row| self.row_height(row)).sum::<f64>();
        let left = EDGE + slot.column as f64 * width;
        Area { left, top, right: left + slot.span as f64 * width, bottom: top + self.row_height(slot.row) }
    }
}

/// Writes a file that is either complete or not there.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        // What is left of a failed attempt is of no use; that it cannot be removed changes nothing.
        let _ = std::fs::remove_file(&part);
        Error::file(path, error, "choose a folder that exists and can be written")
    })
}
