//! The plan of one panel: where its frame lies once everything around it has been measured.

use super::colour::Colour;
use super::colour_bar;
use super::font;
use super::frame::{self, Ruler};
use super::legend;
use super::mark::{Bar, Extent, Key, Mark};
use super::panel::{Legend, Panel};
use super::scale::{Area, Map, View};
use super::surface::{Align, Surface, Type};
use crate::error::{Error, Result};

const TITLE_SIZE: f64 = 12.0;
const LETTER_SIZE: f64 = 15.0;
/// Space around a panel with all its words.
const AIR: f64 = 8.0;
/// Width kept for the letter of a panel beside its title.
const LETTER_ROOM: f64 = 24.0;

/// A frame with a shorter side shows nothing.
const SMALLEST_FRAME: f64 = 50.0;

/// Space around the frame, in pixels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Margins {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// One panel, measured.
pub(super) struct Plan<'a> {
    panel: &'a Panel,
    extent: Extent,
    keys: Vec<Key>,
    bar: Option<Bar>,
    letter: Option<char>,
    legend: Legend,
    title: Vec<String>,
    x: Ruler,
    y: Ruler,
    /// The panel with everything that belongs to it.
    pub cell: Area,
    /// The frame.
    pub area: Area,
}

impl<'a> Plan<'a> {
    /// A first guess of the frame, refined by calls of [`Plan::margins`] and [`Plan::place`].
    pub fn new(panel: &'a Panel, cell: Area, letter: Option<char>, shared_legend: bool) -> Self {
        let keys = if shared_legend { Vec::new() } else { panel.keys() };
        let legend = if keys.is_empty() { Legend::Off } else { panel.legend };
        let area = Area { left: cell.left + 55.0, top: cell.top + 25.0, right: cell.right - 15.0, bottom: cell.bottom - 45.0 };
        let room = cell.width() - 2.0 * letter.map_or(4.0, |_| LETTER_ROOM);
        let title = font::wrap(&panel.title, TITLE_SIZE, true, room);
        let bar = panel.marks.iter().find_map(|mark| mark.member().colour_bar());
        let (extent, x, y) = (panel.extent(), Ruler::default(), Ruler::default());
        Plan { panel, extent, keys, bar, letter, legend, title, x, y, cell, area }
    }

    /// Measures everything around the frame as it is now.
    pub fn margins(&mut self) -> Margins {
        let (x, y) = (&self.panel.x, &self.panel.y);
        let (width, height) = (self.area.width(), self.area.height());
        self.x = Ruler::horizontal(x, x.shown(&self.extent.x), width);
        self.y = Ruler::vertical(y, y.shown(&self.extent.y), height);
        let overhang = if x.is_log() { (0.0, 12.0) } else { self.x.overhang(width) };
        let letter = self.letter.map_or(0.0, |_| LETTER_SIZE + 4.0);
        let title = self.title.len() as f64 * font::LINE * TITLE_SIZE + if self.title.is_empty() { 0.0 } else { 5.0 };
        Margins {
            left: AIR + self.y.breadth().max(overhang.0),
            right: AIR + overhang.1.max(4.0).max(self.beside() + self.legend_breadth()),
            top: AIR + (title + self.headroom()).max(letter).max(0.5 * frame::TICK_SIZE),
            bottom: AIR + self.x.depth(),
        }
    }

    /// Space between the frame and the title for what marks write there and for a legend.
    fn headroom(&self) -> f64 {
        self.marks_headroom() + legend::rows_height(&self.legend_rows())
    }

    fn marks_headroom(&self) -> f64 {
        self.panel.marks.iter().map(|mark| mark.member().headroom()).fold(0.0, f64::max)
    }

    fn legend_rows(&self) -> Vec<Vec<Key>> {
        if self.legend == Legend::Above { legend::rows(&self.keys, self.cell.width() - AIR) } else { Vec::new() }
    }

    /// Space that the colour bar takes on the right.
    fn beside(&self) -> f64 {
        self.bar.as_ref().map_or(0.0, |bar| colour_bar::breadth(bar, self.area.height()))
    }

    fn legend_breadth(&self) -> f64 {
        if self.legend == Legend::Right { AIR + legend::size(&self.keys).0 } else { 0.0 }
    }

    /// Puts the frame inside its cell, and looks for a place for the legend.
    pub fn place(&mut self, margins: &Margins) {
        let cell = &self.cell;
        self.area = Area {
            left: (cell.left + margins.left).round(),
            top: (cell.top + margins.top).round(),
            right: (cell.right - margins.right).round(),
            bottom: (cell.bottom - margins.bottom).round(),
        };
        if self.panel.equal_aspect {
            self.equalise();
        }
        if self.legend == Legend::Best && self.free_corner().is_none() {
            let rows = legend::rows(&self.keys, self.cell.width() - AIR).len();
            self.legend = if rows <= 2 { Legend::Above } else { Legend::Right };
        }
    }

    /// Refuses a panel whose words leave no room for its frame.
    pub fn check_room(&self, (width, height): (u32, u32)) -> Result<()> {
        let missing = |length: f64| (SMALLEST_FRAME - length).max(0.0).ceil() as u32;
        let (wider, higher) = (missing(self.area.width()), missing(self.area.height()));
        if wider == 0 && higher == 0 {
            return Ok(());
        }
        let (wanted, found) = (format!("at least {} × {}", width + wider, height + higher), format!("{width} × {height}"));
        Err(Error::parameter("panel_size", found, format!("{wanted} pixels for the labels around '{}'", self.panel.title)))
    }

    fn free_corner(&self) -> Option<Legend> {
        let view = self.view();
        let obstacles: Vec<_> = self.panel.marks.iter().flat_map(|mark| mark.member().obstacles(&view)).collect();
        legend::free_corner(&self.keys, &obstacles, &self.area)
    }

    /// Shrinks the longer side until a unit is as long on both axes; the top stays where the titles of the row are.
    fn equalise(&mut self) {
        let (width, height) = (self.area.width(), self.area.height());
        let ratio = (self.x.range.1 - self.x.range.0).abs() / (self.y.range.1 - self.y.range.0).abs();
        if ratio * height < width {
            let spare = (0.5 * (width - ratio * height)).round();
            (self.area.left, self.area.right) = (self.area.left + spare, (self.area.left + spare + ratio * height).round());
        } else {
            self.area.bottom = (self.area.top + width / ratio).round();
        }
    }

    fn view(&self) -> View {
        let area = self.area;
        let x = Map { range: self.x.range, logarithmic: self.panel.x.is_log(), pixels: (area.left, area.right) };
        let y = Map { range: self.y.range, logarithmic: self.panel.y.is_log(), pixels: (area.bottom, area.top) };
        View { area, x, y }
    }

    /// Draws the panel.
    pub fn draw(&self, surface: &mut dyn Surface) {
        let view = self.view();
        let image = self.panel.marks.iter().any(|mark| matches!(mark, Mark::HeatMap(_)));
        // Points may touch the spines and stay whole; an image must not hide its frame.
        if !image {
            frame::draw_spines(&self.area, false, surface);
        }
        self.panel.marks.iter().for_each(|mark| mark.member().draw(&view, surface));
        if image {
            frame::draw_spines(&self.area, true, surface);
        }
        if self.extent.x.is_empty() && self.extent.y.is_empty() {
            let middle = (0.5 * (self.area.left + self.area.right), 0.5 * (self.area.top + self.area.bottom));
            surface.text("no data", middle, Type { colour: Colour::GREY, ..Type::plain(TITLE_SIZE, Align::Centre) });
        }
        self.x.draw_below(&self.area, &view.x, self.panel.x.is_category(), surface);
        self.y.draw_left(&self.area, &view.y, self.panel.y.is_category(), surface);
        if let Some(bar) = &self.bar {
            colour_bar::draw(bar, &self.area, surface);
        }
        self.draw_legend(surface);
        self.draw_title(surface);
    }

    fn draw_legend(&self, surface: &mut dyn Surface) {
        let place = match self.legend {
            Legend::Best => self.free_corner().unwrap_or(Legend::TopRight),
            chosen => chosen,
        };
        if place == Legend::Above {
            let top = self.area.top - 3.0 - self.headroom();
            let middle = 0.5 * (self.area.left + self.area.right);
            legend::draw_rows(&self.legend_rows(), top, [self.cell.left + 2.0, middle, self.cell.right], surface);
        } else {
            legend::draw(&self.keys, place, (&self.area, self.beside() + AIR), surface);
        }
    }

    fn draw_title(&self, surface: &mut dyn Surface) {
        let widest = font::widest(&self.title, TITLE_SIZE, true);
        let left = self.cell.left + self.letter.map_or(2.0, |_| LETTER_ROOM) + 0.5 * widest;
        let middle = (0.5 * (self.area.left + self.area.right)).min(self.cell.right - AIR - 0.5 * widest).max(left);
        let first = self.area.top - 7.0 - self.headroom() - (self.title.len() as f64 - 1.0) * font::LINE * TITLE_SIZE;
        for (k, line) in self.title.iter().enumerate() {
            let at = (middle, first + k as f64 * font::LINE * TITLE_SIZE);
            surface.text(line, at, Type { bold: true, ..Type::plain(TITLE_SIZE, Align::Centre) });
        }
        if let Some(letter) = self.letter {
            let at = (self.cell.left + 3.0, self.cell.top + AIR + 0.85 * LETTER_SIZE);
            surface.text(&letter.to_string(), at, Type { bold: true, ..Type::plain(LETTER_SIZE, Align::Left) });
        }
    }
}
