//! The figures of the currents bench.

use crosscurrent::Result;
use crosscurrent::identify::{Frame, Levels, Series};
use crosscurrent::plot::{Figure, trials};

/// A: recovery over noise at either coupling, inputs known or not. B: recovery over T.
pub fn figures(frame: &Frame) -> Result<Vec<(String, Figure)>> {
    let mut figures = Vec::new();
    let three_region: Vec<(String, [(&str, &str); 3])> = ["weak", "strong"]
        .into_iter()
        .flat_map(|truth| ["known", "unknown"].map(|inputs| (truth, inputs)))
        .map(|(truth, inputs)| {
            (format!("{truth} coupling, inputs {inputs}"), [("truth", truth), ("recording.inputs", inputs), ("recording.observed", "1")])
        })
        .collect();
    let dense: Vec<(String, [(&str, &str); 2])> =
        ["0", "0.1"].map(|noise| (format!("dense regions, noise {noise}"), [("truth", "dense"), ("truth.noise.strength", noise)])).into();
    for score in ["currents between", "currents within"] {
        let stem = score.replace(' ', "_");
        let panels = panels(frame, &three_region, ("truth.noise.strength", score))?;
        figures.extend(panels.map(|figure| (format!("A_three_region_{stem}"), Figure { columns: 2, ..figure })));
        let panels = self::panels(frame, &dense, ("recording.samples", score))?;
        figures.extend(panels.map(|figure| (format!("B_dense_{stem}"), Figure { columns: 2, ..figure })));
    }
    Ok(figures)
}

/// One panel per (title, what its trials share); `None` when there are no such trials.
fn panels<const K: usize>(frame: &Frame, cells: &[(String, [(&str, &str); K])], (x, y): (&str, &str)) -> Result<Option<Figure>> {
    let mut panels = Vec::new();
    let mut levels: Option<Levels> = None;
    for (title, cell) in cells {
        let cell = cell.map(|(name, value)| (name.to_string(), value.to_string()));
        let Ok(part) = frame.keep(&cell) else { continue };
        let x = levels.get_or_insert(Levels::of(&part, x)?);
        let series = part.split(Some("method"))?.into_iter().map(|(name, part)| Ok(Series { name, cells: part.cells_of(x, y)? }));
        panels.push((title.clone(), series.collect::<Result<Vec<_>>>()?));
    }
    let label = format!("{y} regions (correlation with the truth)");
    Ok(levels.map(|mut x| {
        x.label = if x.label.ends_with("samples") { "samples T".into() } else { "process noise".into() };
        trials::curves(&panels, (&x, &label), 0.9)
    }))
}
