//! Fitted networks in files.

use super::array::Array;
use super::fields::Fields;
use super::npz::Packing;
use super::{network, recording};
use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::fit::{Fitted, LatentInput, Misfit, OpenCurrent, Pass, Posterior};
use crate::regions::Regions;
use nalgebra::{DMatrix, DVector};
use std::path::Path;

const FORMAT: &str = "fitted network";

/// Writes a fitted network as `.npz`; the same content gives the same bytes.
///
/// `connectivity`, `tau`, `nonlinearity` (TOML), `region_names`, `region_sizes`: the network. `initial_connectivity` where there is one.
/// `scale`: recorded rate / scale = model rate. `steps_per_sample`. `model_rates`, `model_dt_s`, `model_trial_starts`, `model_inputs`: the
/// activity that currents are read from; `sample_columns`: its column for each sample. `history`: one row per pass with learning (0 or 1),
/// chi², variance explained, held-out variance explained (NaN where nothing was held out). `inputs`: the input that the fit used.
/// `latent_region`, `latent_visible` (one value per inferred input), `latent_traces` (inputs × samples), `latent_weights_<k>` (neurons of the
/// region that the k-th goes to): inputs that the fit inferred, where it did.
/// `posterior_noise`, `posterior_weights`, `posterior_current_<k>` (deviations of the k-th projection), `posterior_low_<k>`, `posterior_high_<k>` (the ends
/// of its 90 % intervals), `posterior_inside` (the probability of those, one value per projection), `posterior_colour`, `posterior_surprise`,
/// `posterior_unevenness`, `posterior_self_weight`, `posterior_samples`, `posterior_sparse`: the posterior, where there is one.
///
/// ```
/// use crosscurrent::{Clock, Ensemble, Fit, Network, Regions, Seed, Simulation, ensemble::Gaussian, fit::Ridge, io, nonlinearity::Tanh};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("fitted.npz");
/// let regions = Regions::new([("A", 5), ("B", 5)])?;
/// let network = Network::new(regions.clone(), Gaussian::default().sample(&regions, Seed(1))?, Tanh, &[0.1])?;
/// let recording = Simulation { clock: Clock::new(0.01, 1.0)?, ..Default::default() }.run(&network)?;
/// let fitted = Ridge { tau: vec![0.1], ..Default::default() }.fit(&recording, Seed(2))?;
/// io::write_fitted(&path, &fitted)?;
/// assert_eq!(io::read_fitted(&path)?.model, fitted.model);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file cannot be written, [`Error::Parameter`] for a nonlinearity that files cannot name.
pub fn write_fitted(path: &Path, fitted: &Fitted) -> Result<()> {
    let mut fields = Fields::new(FORMAT);
    fields.put_regions(&fitted.network.regions);
    network::put(&mut fields, &fitted.network)?;
    if let Some(initial) = &fitted.initial {
        fields.put_matrix("initial_connectivity", &initial.to_dense());
    }
    fields.put_numbers("scale", &fitted.scale);
    fields.put_number("steps_per_sample", fitted.steps_per_sample as f64);
    recording::put(&mut fields, &fitted.model, "model_");
    fields.put_counts("sample_columns", &fitted.sample_columns);
    fields.arrays.push("history", history(&fitted.history)?);
    if let Some(inputs) = &fitted.inputs {
        fields.put_matrix("inputs", inputs);
    }
    put_latents(&mut fields, &fitted.latent_inputs);
    if let Some(posterior) = &fitted.posterior {
        put_posterior(&mut fields, posterior);
    }
    fields.arrays.write_npz(path, Packing::default())
}

fn put_latents(fields: &mut Fields, latents: &[LatentInput]) {
    let Some(first) = latents.first() else { return };
    fields.put_counts("latent_region", &latents.iter().map(|latent| latent.region).collect::<Vec<_>>());
    fields.put_numbers("latent_visible", &latents.iter().map(|latent| latent.visible).collect::<Vec<_>>());
    fields.put_matrix("latent_traces", &DMatrix::from_fn(latents.len(), first.trace.len(), |k, t| latents[k].trace[t]));
    for (index, latent) in latents.iter().enumerate() {
        fields.put_numbers(&format!("latent_weights_{index}"), latent.weights.as_slice());
    }
}

fn get_latents(fields: &Fields, regions: &Regions) -> Result<Vec<LatentInput>> {
    let Some(traces) = fields.matrix_if("latent_traces")? else { return Ok(Vec::new()) };
    let (received, visible) = (fields.counts("latent_region")?, fields.numbers("latent_visible")?);
    let sizes: Vec<usize> = regions.iter().map(|(_, range)| range.len()).collect();
    if (received.len(), visible.len()) != (traces.nrows(), traces.nrows()) || received.iter().any(|&region| region >= sizes.len()) {
        return Err(fields.wrong("latent_region", format!("expected {} regions below {}", traces.nrows(), sizes.len())));
    }
    let latent = |k: usize| {
        let name = format!("latent_weights_{k}");
        let weights = DVector::from_column_slice(fields.numbers(&name)?);
        if weights.len() != sizes[received[k]] {
            return Err(fields.wrong(&name, format!("expected {} values, found {}", sizes[received[k]], weights.len())));
        }
        Ok(LatentInput { region: received[k], weights, trace: traces.row(k).transpose(), visible: visible[k] })
    };
    (0..traces.nrows()).map(latent).collect()
}

fn put_posterior(fields: &mut Fields, posterior: &Posterior) {
    fields.put_numbers("posterior_noise", &posterior.noise);
    fields.put_matrix("posterior_weights", &posterior.weights);
    for (index, open) in posterior.currents.iter().enumerate() {
        for (kind, matrix) in [("current", &open.deviation), ("low", &open.low), ("high", &open.high)] {
            fields.put_matrix(&format!("posterior_{kind}_{index}"), matrix);
        }
    }
    fields.put_numbers("posterior_inside", &posterior.currents.iter().map(|open| open.inside).collect::<Vec<f64>>());
    fields.put_numbers("posterior_colour", &posterior.misfit.colour);
    fields.put_numbers("posterior_surprise", &posterior.misfit.surprise);
    fields.put_numbers("posterior_unevenness", &posterior.misfit.unevenness);
    fields.put_number("posterior_self_weight", posterior.misfit.self_weight);
    fields.put_number("posterior_samples", posterior.misfit.samples as f64);
    fields.put_number("posterior_sparse", f64::from(u8::from(posterior.sparse)));
}

fn get_posterior(fields: &Fields, neurons: usize, projections: usize) -> Result<Option<Posterior>> {
    let Some(weights) = fields.matrix_if("posterior_weights")? else { return Ok(None) };
    let misfit = Misfit {
        colour: fields.numbers("posterior_colour")?.to_vec(),
        surprise: fields.numbers("posterior_surprise")?.to_vec(),
        unevenness: fields.numbers("posterior_unevenness")?.to_vec(),
        self_weight: fields.number("posterior_self_weight")?,
        samples: fields.count("posterior_samples")?,
    };
    let noise = fields.numbers("posterior_noise")?.to_vec();
    for (name, values) in [
        ("posterior_noise", &noise),
        ("posterior_colour", &misfit.colour),
        ("posterior_surprise", &misfit.surprise),
        ("posterior_unevenness", &misfit.unevenness),
    ] {
        let found = values.len();
        if found != neurons {
            return Err(fields.wrong(name, format!("expected {neurons} values, one per neuron, found {found}")));
        }
    }
    let matrix = |kind: &str, index: usize| fields.matrix(&format!("posterior_{kind}_{index}"));
    let inside = fields.numbers("posterior_inside")?;
    if inside.len() != projections {
        return Err(fields.wrong("posterior_inside", format!("expected {projections} values, one per projection, found {}", inside.len())));
    }
    let open = |(index, &inside): (usize, &f64)| {
        let [deviation, low, high] = ["current", "low", "high"].map(|kind| matrix(kind, index));
        Ok(OpenCurrent { deviation: deviation?, low: low?, high: high?, inside })
    };
    let currents = inside.iter().enumerate().map(open).collect::<Result<_>>()?;
    let sparse = fields.count("posterior_sparse").is_ok_and(|sparse| sparse > 0);
    Ok(Some(Posterior { noise, weights, currents, misfit, sparse }))
}

/// Reads what [`write_fitted`] wrote.
///
/// # Errors
/// [`Error::File`] that names what is missing or does not fit.
pub fn read_fitted(path: &Path) -> Result<Fitted> {
    let fields = Fields::read(path, FORMAT)?;
    let network = network::get(&fields)?;
    let model = recording::get(&fields, "model_", network.regions.clone())?;
    let sample_columns = fields.counts("sample_columns")?;
    if let Some(bad) = sample_columns.iter().find(|&&column| column >= model.samples()) {
        return Err(fields.wrong("sample_columns", format!("expected columns below {}, found {bad}", model.samples())));
    }
    let scale = fields.numbers("scale")?.to_vec();
    if scale.len() != network.neurons() {
        return Err(fields.wrong("scale", format!("expected {} values, one per neuron, found {}", network.neurons(), scale.len())));
    }
    let posterior = get_posterior(&fields, network.neurons(), network.regions.count().pow(2))?;
    let latent_inputs = get_latents(&fields, &network.regions)?;
    let initial = fields.matrix_if("initial_connectivity")?.map(Connectivity::dense).transpose();
    Ok(Fitted {
        network,
        model,
        sample_columns,
        history: passes(&fields.matrix("history")?).ok_or_else(|| fields.wrong("history", "expected 4 columns"))?,
        initial: initial.map_err(|error: Error| fields.wrong("initial_connectivity", error))?,
        scale,
        steps_per_sample: fields.count("steps_per_sample")?,
        inputs: fields.matrix_if("inputs")?,
        posterior,
        latent_inputs,
    })
}

fn history(passes: &[Pass]) -> Result<Array> {
    let row = |p: &Pass| [f64::from(u8::from(p.learning)), p.chi2, p.variance_explained, p.held_out.unwrap_or(f64::NAN)];
    Array::new(vec![passes.len(), 4], passes.iter().flat_map(row).collect())
}

fn passes(table: &DMatrix<f64>) -> Option<Vec<Pass>> {
    let pass = |k: usize| Pass {
        learning: table[(k, 0)] != 0.0,
        chi2: table[(k, 1)],
        variance_explained: table[(k, 2)],
        held_out: Some(table[(k, 3)]).filter(|score| !score.is_nan()),
    };
    (table.ncols() == 4).then(|| (0..table.nrows()).map(pass).collect())
}

/// Whether the file at `path` is one that [`write_fitted`] wrote.
///
/// # Errors
/// [`Error::File`] when it cannot be read.
pub fn is_fitted(path: &Path) -> Result<bool> {
    let embedded = path.as_os_str() == super::sample::NAME;
    Ok(!embedded && Fields::is(&super::read_arrays(path)?, FORMAT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::fit::{Fit, Pinning};
    use crate::network::Network;
    use crate::nonlinearity::Tanh;
    use crate::seed::Seed;
    use crate::simulation::Simulation;

    fn fitted() -> Fitted {
        let regions = Regions::new([("A", 3), ("B", 4)]).unwrap();
        let network = Network::new(regions.clone(), Gaussian::default().sample(&regions, Seed(1)).unwrap(), Tanh, &[0.1]).unwrap();
        let simulation = Simulation { clock: Clock::new(0.01, 0.5).unwrap(), trials: 2, ..Default::default() };
        let config = Pinning { learning_passes: 3, steps_per_sample: 2, held_out: 0.2, ..Default::default() };
        config.fit(&simulation.run(&network).unwrap(), Seed(2)).unwrap()
    }

    #[test]
    fn a_fit_comes_back_whole_and_with_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a.npz"), folder.path().join("b.npz"));
        let fitted = fitted();
        write_fitted(&first, &fitted).unwrap();
        let back = read_fitted(&first).unwrap();
        assert_eq!(back.model, fitted.model);
        assert_eq!(back.network.connectivity.to_dense(), fitted.network.connectivity.to_dense());
        assert_eq!(back.initial.as_ref().map(Connectivity::to_dense), fitted.initial.as_ref().map(Connectivity::to_dense));
        assert_eq!((&back.history, &back.scale, &back.sample_columns), (&fitted.history, &fitted.scale, &fitted.sample_columns));
        assert_eq!((back.steps_per_sample, back.inputs.is_none()), (2, true));
        write_fitted(&second, &back).unwrap();
        assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
    }

    #[test]
    fn a_posterior_comes_back_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        let fit = crate::fit::Bayes { between: crate::fit::Between::Gaussian, ..Default::default() };
        let fitted = fit.fit(&fitted().model, Seed(1)).unwrap();
        write_fitted(&path, &fitted).unwrap();
        assert_eq!(read_fitted(&path).unwrap().posterior, fitted.posterior);
        assert!(fitted.posterior.is_some());
    }

    #[test]
    fn inferred_inputs_come_back_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        let latent = |region: usize, size: usize| LatentInput {
            region,
            weights: DVector::from_fn(size, |i, _| 0.1 * i as f64),
            trace: DVector::from_fn(40, |k, _| (k as f64).sin()),
            visible: 0.25,
        };
        let fitted = Fitted { latent_inputs: vec![latent(1, 4), latent(0, 3)], ..fitted() };
        write_fitted(&path, &fitted).unwrap();
        assert_eq!(read_fitted(&path).unwrap().latent_inputs, fitted.latent_inputs);
    }

    #[test]
    fn a_recording_is_not_taken_for_a_fit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        super::super::write_recording(&path, &fitted().model.into()).unwrap();
        let message = read_fitted(&path).unwrap_err().to_string();
        assert!(message.contains("expected a fitted network of crosscurrent, found a recording"), "{message}");
    }
}
