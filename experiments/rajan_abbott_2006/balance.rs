//! 1E: excitatory and inhibitory neurons with and without balanced rows.

use crate::experiment::{Context, Findings, Side};
use crate::spectrum::{Spectrum, cloud, record, record_spectrum, spectra};
use crosscurrent::ensemble::{Bulk, Dale, DaleWeights, RowBalance};
use crosscurrent::identify::Summary;
use crosscurrent::plot::{Colour, Marker, Panel, Points};
use crosscurrent::{Ensemble, Error, Regions, Result};

const BALANCES: [(&str, RowBalance); 2] = [("rows free", RowBalance::None), ("rows balanced", RowBalance::Rows)];
const WEIGHTS: [(&str, DaleWeights); 2] = [("Gaussian", DaleWeights::Gaussian), ("strict signs", DaleWeights::Strict)];

/// Gaussian and strict weights, each without and with balanced rows, and with balanced rows and an excess of excitation.
pub fn panels(context: &Context, findings: &mut Findings) -> Result<Vec<Panel>> {
    let neurons = context.pick(100, 1000, 1000);
    let mut panels = Vec::new();
    for (weights_name, weights) in WEIGHTS {
        for (name, balance) in BALANCES {
            let law = Dale { weights, balance, ..Dale::default() };
            let label = format!("{weights_name}, {name}");
            panels.push(example(context, findings, &label, (law, neurons))?.0);
            strays(context, findings, &label, law)?;
        }
        let law = Dale { weights, mean_inhibitory: 3.6, ..Dale::default() };
        panels.push(excess(context, findings, weights_name, (law, neurons))?);
    }
    Ok(panels)
}

/// T6: with balanced rows, means that do not cancel give one outlier that does not fluctuate.
fn excess(context: &Context, findings: &mut Findings, weights: &str, (law, neurons): (Dale, usize)) -> Result<Panel> {
    let label = format!("{weights}, rows balanced, excess of excitation");
    let (panel, spectrum) = example(context, findings, &label, (law, neurons))?;
    let mut check = |claim: String, measured, wanted| {
        findings.checks.push(context.check(("1E", "T6"), format!("{label}: {claim}, N = {neurons}"), measured, wanted));
    };
    let expected = (neurons as f64).sqrt() * 0.08;
    check("the outlier √N (f µ_E - (1 - f) µ_I)".into(), spectrum[0].norm(), (Side::Near, expected, 1e-6));
    check("next modulus".into(), spectrum[1].norm(), (Side::AtMost, 1.1, 0.0));
    Ok(panel)
}

/// One large matrix.
fn example(context: &Context, findings: &mut Findings, label: &str, (law, neurons): (Dale, usize)) -> Result<(Panel, Spectrum)> {
    let regions = Regions::single("all", neurons)?;
    let spectrum = spectra(context, &law.into(), (neurons, 1), context.seed.child("1E").child(label))?.swap_remove(0);
    record_spectrum(findings, ("1E", label), &spectrum);
    let prediction = law.prediction(&regions).ok_or_else(|| Error::parameter("law", label, "one with a prediction"))?;
    let mut panel = cloud(label, &spectrum, &Bulk::Disc { radius: prediction.radius() }, 2.8);
    let x = prediction.outliers.iter().map(|outlier| outlier.value.re).collect();
    let y = prediction.outliers.iter().map(|outlier| outlier.value.im).collect();
    let ring = Points { x, y, marker: Marker::Disc, hollow: true, size: 9.0, colour: Colour::VERMILION, ..Points::default() };
    panel.marks.insert(0, ring.into());
    Ok((panel, spectrum))
}

/// T5: the largest modulus of several matrices of 400 neurons, and how many eigenvalues lie beyond 1.1.
fn strays(context: &Context, findings: &mut Findings, label: &str, law: Dale) -> Result<()> {
    let (neurons, matrices) = context.pick((60, 2), (400, 16), (400, 100));
    let found = spectra(context, &law.into(), (neurons, matrices), context.seed.child("T5").child(label))?;
    let radii: Vec<f64> = found.iter().map(|spectrum| spectrum[0].norm()).collect();
    radii.iter().enumerate().for_each(|(k, &r)| record(findings, ("T5", label), k, (neurons as f64, r)));
    let mut check = |claim: &str, measured, wanted| {
        let claim = format!("{label}: {claim}, {matrices} matrices of N = {neurons}");
        findings.checks.push(context.check(("1E", "T5"), claim, measured, wanted));
    };
    if law.balance == RowBalance::Rows {
        check("largest modulus of all", radii.iter().copied().fold(0.0, f64::max), (Side::AtMost, 1.1, 0.0));
    } else {
        check("mean largest modulus", Summary::of(&radii).mean, (Side::AtLeast, 1.3, 0.0));
        let beyond = |spectrum: &Spectrum| spectrum.iter().filter(|z| z.norm() > 1.1).count() as f64;
        let counts: Vec<f64> = found.iter().map(beyond).collect();
        let fewest = counts.iter().copied().fold(f64::INFINITY, f64::min);
        check("fewest eigenvalues beyond 1.1", fewest, (Side::AtLeast, 1.0, 0.0));
    }
    Ok(())
}
