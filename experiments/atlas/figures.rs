//! The figures of the atlas.

use crosscurrent::Result;
use crosscurrent::identify::{Frame, Levels, Series};
use crosscurrent::plot::{Figure, trials};
use nalgebra::DMatrix;

/// A mean correlation from here on counts as reliable.
pub const RELIABLE: f64 = 0.9;

/// What a figure keeps of the table: columns and values.
type Keep = &'static [(&'static str, &'static str)];

/// What is not on an axis has the value of the base case.
const SAMPLES: Keep = &[("recording.samples_per_neuron", "30")];
const NOISE: Keep = &[("truth.noise.strength", "0.05")];
const GAIN: Keep = &[("truth.ensemble.within", "1.5")];
const WHOLE: Keep = &[("recording.observed", "1")];
const TAU: Keep = &[("fit.tau", "0.1")];
const TANH: Keep = &[("truth.nonlinearity.kind", "tanh")];
const POWER: Keep = &[("truth.inter_region_power", "0.3")];
const SIZE: Keep = &[("truth.regions.neurons", "20")];

/// Every figure with its stem.
pub fn all(frame: &Frame) -> Result<Vec<(String, Figure)>> {
    let mut figures = Vec::new();
    let phases: [(&str, Named, Named, &[Keep]); 2] = [
        (
            "A_gain_and_samples",
            ("recording.samples_per_neuron", "samples per neuron T/N"),
            ("truth.ensemble.within", "gain within regions g"),
            &[NOISE, WHOLE, TAU, TANH, POWER, SIZE],
        ),
        (
            "B_observed_and_noise",
            ("truth.noise.strength", "process noise"),
            ("recording.observed", "observed share of neurons"),
            &[SAMPLES, GAIN, TAU, TANH, POWER, SIZE],
        ),
    ];
    for (stem, x, y, keep) in phases {
        for (score, label) in [("J", "J"), ("currents between", "currents between regions")] {
            let figure = phase(frame, keep, (x, y), (score, label))?;
            figures.extend(figure.map(|figure| (format!("{stem}_{}", score.replace(' ', "_")), figure)));
        }
    }
    let curves: [(&str, (&str, &str), &[Keep]); 4] = [
        (
            "C_tau_mismatch",
            ("fit.tau", "tau assumed by the fit (s); the true one is 0.1"),
            &[SAMPLES, NOISE, GAIN, WHOLE, TANH, POWER, SIZE],
        ),
        (
            "C_nonlinearity_mismatch",
            ("truth.nonlinearity.kind", "nonlinearity of the truth; the fit assumes tanh"),
            &[SAMPLES, NOISE, GAIN, WHOLE, TAU, POWER, SIZE],
        ),
        (
            "D_inter_region_power",
            ("truth.inter_region_power", "currents between regions over those within (RMS)"),
            &[SAMPLES, NOISE, GAIN, WHOLE, TAU, TANH, SIZE],
        ),
        (
            "D_network_size",
            ("truth.regions.neurons", "units per region, at 30 samples per neuron"),
            &[SAMPLES, NOISE, GAIN, WHOLE, TAU, TANH, POWER],
        ),
    ];
    for (stem, x, keep) in curves {
        figures.extend(curve(frame, keep, x)?.map(|figure| (stem.to_string(), figure)));
    }
    figures.extend(anatomy(frame)?.map(|figure| ("E_anatomy".to_string(), figure)));
    Ok(figures)
}

/// The rows of a truth with the wanted values; `None` when there are none.
fn part(frame: &Frame, truth: &str, keep: &[Keep]) -> Option<Frame> {
    let wanted = keep.iter().copied().flatten().copied().chain([("truth", truth)]);
    wanted.map(|(name, value)| (name.to_string(), value.to_string())).try_fold(frame.clone(), |frame, wanted| frame.keep(&[wanted]).ok())
}

/// (column, words of the axis).
type Named<'a> = (&'a str, &'a str);

/// The values of `x` that were run with more than one value of `y`, or all where there is no such: what only the base case of other
/// sweeps has would be a column of the map with a single cell.
fn crossed(frame: &Frame, x: &str, y: &str) -> Result<Levels> {
    let all = Levels::of(frame, x)?;
    let rows = |name: &String| frame.keep(&[(x.to_string(), name.clone())]).and_then(|part| Levels::of(&part, y));
    let several: Vec<bool> = all.names.iter().map(|name| Ok(rows(name)?.names.len() > 1)).collect::<Result<_>>()?;
    if !several.contains(&true) {
        return Ok(all);
    }
    let kept: Vec<usize> = (0..several.len()).filter(|&at| several[at]).collect();
    let numbers = all.numbers.map(|numbers| kept.iter().map(|&at| numbers[at]).collect());
    Ok(Levels { names: kept.iter().map(|&at| all.names[at].clone()).collect(), numbers, ..all })
}

fn phase(frame: &Frame, keep: &[Keep], (x, y): (Named, Named), (score, label): Named) -> Result<Option<Figure>> {
    let Some(frame) = part(frame, "dense", keep) else { return Ok(None) };
    let (mut columns, mut rows) = (crossed(&frame, x.0, y.0)?, Levels::of(&frame, y.0)?);
    let mut panels = Vec::new();
    for (method, frame) in frame.split(Some("method"))? {
        let mut means = DMatrix::from_element(rows.names.len(), columns.names.len(), f64::NAN);
        for (row, level) in rows.names.iter().enumerate() {
            let Ok(of_row) = frame.keep(&[(y.0.to_string(), level.clone())]) else { continue };
            for (column, cell) in of_row.cells_of(&columns, score)?.iter().enumerate() {
                means[(row, column)] = cell.mean;
            }
        }
        panels.push((method, means));
    }
    (columns.label, rows.label) = (x.1.to_string(), y.1.to_string());
    let figure = trials::phases(&panels, (&columns, &rows, "correlation"), RELIABLE);
    Ok(Some(Figure { title: format!("{label}: correlation with the truth"), columns: 2, ..figure }))
}

fn curve(frame: &Frame, keep: &[Keep], x: Named) -> Result<Option<Figure>> {
    let Some(frame) = part(frame, "dense", keep) else { return Ok(None) };
    let mut levels = Levels::of(&frame, x.0)?;
    let mut panels = Vec::new();
    for score in ["J", "currents within", "currents between"] {
        let series =
            frame.split(Some("method"))?.into_iter().map(|(name, frame)| Ok(Series { name, cells: frame.cells_of(&levels, score)? }));
        panels.push((if score == "J" { "weights J".to_string() } else { format!("{score} regions") }, series.collect::<Result<Vec<_>>>()?));
    }
    levels.label = x.1.to_string();
    Ok(Some(Figure { columns: 3, ..trials::curves(&panels, (&levels, "correlation with the truth"), RELIABLE) }))
}

/// Recovery over what the anatomy tells, one curve per share of it that is wrong, one panel per method.
fn anatomy(frame: &Frame) -> Result<Option<Figure>> {
    let Some(frame) = part(frame, "sparse", &[]) else { return Ok(None) };
    let mut levels = Levels::of(&frame, "recording.anatomy.known")?;
    let mut panels = Vec::new();
    for (method, frame) in frame.split(Some("method"))? {
        let of_wrong = frame.split(Some("recording.anatomy.wrong"))?.into_iter();
        let series = of_wrong.map(|(wrong, frame)| {
            let name = format!("{:.0} % of it wrong", 100.0 * wrong.parse::<f64>().unwrap_or(f64::NAN));
            Ok(Series { name, cells: frame.cells_of(&levels, "currents between")? })
        });
        panels.push((method, series.collect::<Result<Vec<_>>>()?));
    }
    levels.label = "share of the anatomy that is told".into();
    let figure = trials::curves(&panels, (&levels, "currents between regions (correlation)"), RELIABLE);
    Ok(Some(Figure { columns: 2, panel_size: (400, 320), ..figure }))
}
