//! The figure: two clouds, their radial density, and three numbers against N.

use super::{Family, Size, edge, real_eigenvalues};
use crate::spectrum::{cloud, histogram, theory};
use crosscurrent::ensemble::Bulk;
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Axis, Colour, Dash, Figure, Line, Mark, Marker, Panel, Points, Scale, Whiskers};

pub fn figure(families: &[Family]) -> Figure {
    let disc = Bulk::Disc { radius: 1.0 };
    let mut panels: Vec<Panel> =
        families.iter().map(|f| cloud(format!("{}, N = {}", f.name, f.spectrum.len()), &f.spectrum, &disc, 1.25)).collect();
    panels.push(radial(families));
    let outside = against(families, "share outside the disc", theory("theory 1 / √(2π N)", span(families), edge), |size| &size.outside);
    panels.push(Panel { y: Axis { scale: Scale::Log, ..outside.y.clone() }, ..outside });
    let large = (400.0_f64.min(span(families).1 / 2.0), span(families).1);
    let radius = Line { dash: Dash::Dashed, ..theory("asymptotic, complex Gaussian", large, gumbel) };
    panels.push(against(families, "spectral radius / g", radius, |size| &size.radius));
    let real =
        against(families, "real eigenvalues", theory("theory √(2N/π) + 1/2", span(families), real_eigenvalues), |size| &size.real);
    panels.push(Panel { y: Axis { scale: Scale::Log, ..real.y.clone() }, ..real });
    Figure {
        title: "Independent weights of any distribution fill the disc".into(),
        panels,
        columns: 3,
        panel_size: (340, 300),
        ..Figure::default()
    }
}

/// Smallest and largest N.
fn span(families: &[Family]) -> (f64, f64) {
    let neurons = families.iter().flat_map(|family| &family.sizes).map(|size| size.neurons);
    neurons.fold((f64::INFINITY, 0.0), |(low, high), n| (low.min(n), high.max(n)))
}

/// Mean of the largest modulus of complex Gaussian matrices (Rider 2003): 1 + √(γ / 4N) + 0.5772 / √(4Nγ).
fn gumbel(neurons: f64) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    let gamma = (neurons / std::f64::consts::TAU).ln() - 2.0 * neurons.ln().ln();
    1.0 + (gamma / (4.0 * neurons)).sqrt() + EULER / (4.0 * neurons * gamma).sqrt()
}

fn radial(families: &[Family]) -> Panel {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, family) in families.iter().enumerate() {
        let (x, y) = histogram(&family.moduli, (0.0, 1.1), 22);
        marks.push(points(index, family.name, (x, y), None).into());
    }
    marks.push(Line { x: vec![0.0, 1.0, 1.0, 1.1], y: vec![0.0, 2.0, 0.0, 0.0], label: "theory 2r".into(), ..Line::default() }.into());
    Panel { title: "Radial density".into(), x: Axis::new("r = |λ| / g"), y: Axis::new("density of r"), marks, ..Panel::default() }
}

/// One number against N: mean and standard deviation over matrices.
fn against(families: &[Family], label: &str, line: Line, pick: fn(&Size) -> &Summary) -> Panel {
    let mut marks: Vec<Mark> = vec![line.into()];
    for (index, family) in families.iter().enumerate() {
        // The two laws a little apart, so that their error bars can be told from each other.
        let x = family.sizes.iter().map(|size| size.neurons * [0.96, 1.04][index % 2]).collect();
        let y = family.sizes.iter().map(|size| pick(size).mean).collect();
        let error = family.sizes.iter().map(|size| pick(size).sd / (pick(size).count as f64).sqrt()).collect();
        marks.push(points(index, family.name, (x, y), Some(error)).into());
    }
    let x = Axis { scale: Scale::Log, ..Axis::new("neurons N") };
    Panel { title: "Mean ± standard error".into(), x, y: Axis::new(label), marks, ..Panel::default() }
}

fn points(index: usize, name: &str, (x, y): (Vec<f64>, Vec<f64>), error: Option<Vec<f64>>) -> Points {
    let whiskers = error.map_or(Whiskers::None, Whiskers::Symmetric);
    Points { x, y, whiskers, marker: Marker::cycle(index), colour: Colour::cycle(index), label: name.into(), ..Points::default() }
}
