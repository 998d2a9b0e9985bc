//! What a study leaves in its folder: arrays and figures of the first seed, and the study itself.

use crate::error::{Error, Result};
use crate::identify::{Example, Outcome, Study};
use crate::io::{self, Array};
use crate::plot::study::{currents_figure, scores_figure, weights_figure};
use std::path::Path;

/// Writes everything beside the table.
pub(super) fn write(folder: &Path, study: &Study, outcome: &Outcome) -> Result<()> {
    let text = toml::to_string(study).map_err(|e| Error::parameter("study", e, "values that TOML can hold"))?;
    io::write_atomically(&folder.join("study.toml"), |file| std::io::Write::write_all(file, text.as_bytes()))?;
    scores_figure(study, &outcome.table).save(folder, "scores")?;
    weights_figure(&outcome.examples).save(folder, "weights")?;
    for example in &outcome.examples {
        let stem = format!("{}_{}", stem(&example.truth), stem(&example.method));
        currents_figure(example)?.save(folder, &format!("currents_{stem}"))?;
        write_arrays(&folder.join(format!("{stem}.npz")), example)?;
    }
    Ok(())
}

/// A name that is safe in a file name.
fn stem(name: &str) -> String {
    let mut stem: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    while stem.contains("--") {
        stem = stem.replace("--", "-");
    }
    stem.trim_matches('-').to_string()
}

/// J, rates and all currents of a fit and of its truth.
fn write_arrays(path: &Path, example: &Example) -> Result<()> {
    let fitted = &example.fitted;
    let mut arrays = vec![
        ("recorded_rates".to_string(), Array::from(&example.recording.rates)),
        ("dt_s".to_string(), Array::of(example.recording.clock.dt())),
        ("region_sizes".to_string(), Array::vector(example.currents.regions().sizes().iter().map(|&n| n as f64).collect())),
        ("J_true".to_string(), Array::from(&example.connectivity)),
        ("J_fitted".to_string(), Array::from(&fitted.network.connectivity.to_dense())),
        ("model_rates".to_string(), Array::from(&fitted.at_samples()?.rates)),
        ("variance_explained_per_pass".to_string(), Array::vector(fitted.history.iter().map(|p| p.variance_explained).collect())),
        ("chi2_per_pass".to_string(), Array::vector(fitted.history.iter().map(|p| p.chi2).collect())),
    ];
    if let Some(initial) = &fitted.initial {
        arrays.push(("J_initial".to_string(), Array::from(&initial.to_dense())));
    }
    for projection in example.currents.regions().projections() {
        let name = |kind: &str| format!("current_{}_from_{}_{kind}", projection.target, projection.source);
        arrays.push((name("true"), Array::from(example.currents.get(&projection)?)));
        arrays.push((name("inferred"), Array::from(example.inferred.get(&projection)?)));
    }
    let named: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (name.as_str(), array)).collect();
    io::write_npz(path, &named)
}
