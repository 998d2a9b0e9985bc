//! Networks in files: J, phi and tau, dense.

use super::fields::Fields;
use super::npz::Packing;
use crate::connectivity::Connectivity;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::nonlinearity::AnyNonlinearity;
use std::any::Any;
use std::path::Path;
use std::sync::Arc;

const FORMAT: &str = "network";

/// Writes a network as `.npz`: `connectivity`, `tau`, `nonlinearity` (TOML), `region_names`, `region_sizes`.
///
/// ```
/// use crosscurrent::{Connectivity, Network, Regions, io, nonlinearity::Tanh};
/// use nalgebra::dmatrix;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("network.npz");
/// let network = Network::new(Regions::single("A", 2)?, Connectivity::dense(dmatrix![0.0, 1.0; -1.0, 0.0])?, Tanh, &[0.1])?;
/// io::write_network(&path, &network)?;
/// assert_eq!(io::read_network(&path)?.connectivity, network.connectivity);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
///
/// # Errors
/// [`Error::File`] when the file cannot be written, [`Error::Parameter`] for a nonlinearity that files cannot name.
pub fn write_network(path: &Path, network: &Network) -> Result<()> {
    let mut fields = Fields::new(FORMAT);
    fields.put_regions(&network.regions);
    put(&mut fields, network)?;
    fields.arrays.write_npz(path, Packing::default())
}

/// Reads what [`write_network`] wrote.
///
/// # Errors
/// [`Error::File`] that names what is missing or does not fit.
pub fn read_network(path: &Path) -> Result<Network> {
    get(&Fields::read(path, FORMAT)?)
}

/// Adds everything of a network but its regions, which a recording of it has as well.
pub(super) fn put(fields: &mut Fields, network: &Network) -> Result<()> {
    let nonlinearity: &dyn Any = &*network.nonlinearity;
    let Some(nonlinearity) = AnyNonlinearity::from_any(nonlinearity) else {
        let found = format!("{:?}", network.nonlinearity);
        return Err(Error::parameter("nonlinearity", found, "one of those that a file can name"));
    };
    let text = toml::to_string(&nonlinearity).expect("nonlinearities are plain tables");
    fields.put_matrix("connectivity", &network.connectivity.to_dense());
    fields.put_numbers("tau", &network.tau);
    fields.put_text("nonlinearity", &text);
    Ok(())
}

/// The network that [`put`] added.
pub(super) fn get(fields: &Fields) -> Result<Network> {
    let wrong = |name: &'static str| move |error: Error| fields.wrong(name, error);
    let nonlinearity: AnyNonlinearity = super::parse_toml(fields.text("nonlinearity")?, "nonlinearity").map_err(wrong("nonlinearity"))?;
    let connectivity = Connectivity::dense(fields.matrix("connectivity")?).map_err(wrong("connectivity"))?;
    Network::from_parts(fields.regions()?, connectivity, Arc::new(nonlinearity), fields.numbers("tau")?).map_err(wrong("connectivity"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nonlinearity::{Nonlinearity, Tanh};
    use crate::regions::Regions;
    use nalgebra::dmatrix;

    #[test]
    fn every_nonlinearity_comes_back_with_its_parameters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.npz");
        for phi in AnyNonlinearity::members() {
            let (regions, j) =
                (Regions::new([("A", 1), ("B, β", 1)]).unwrap(), Connectivity::dense(dmatrix![0.5, 1e-300; -2.0, 0.1]).unwrap());
            let network = Network::new(regions, j, phi.clone(), &[0.1, 0.25]).unwrap();
            write_network(&path, &network).unwrap();
            let back = read_network(&path).unwrap();
            assert_eq!((&back.regions, &back.connectivity, &back.tau), (&network.regions, &network.connectivity, &network.tau));
            let named: &dyn Any = &*back.nonlinearity;
            assert_eq!(AnyNonlinearity::from_any(named), Some(phi));
        }
        // A member that is not wrapped is known as well.
        assert_eq!(AnyNonlinearity::from_any(&Tanh), Some(AnyNonlinearity::Tanh(Tanh)));
    }

    #[test]
    fn foreign_nonlinearities_and_damaged_fields_are_refused() {
        #[derive(Debug)]
        struct Mine;
        impl Nonlinearity for Mine {
            fn rate(&self, x: f64) -> f64 {
                x
            }
            fn slope(&self, _x: f64) -> f64 {
                1.0
            }
            fn inverse(&self, rate: f64) -> Option<f64> {
                Some(rate)
            }
            fn range(&self) -> (f64, f64) {
                (f64::NEG_INFINITY, f64::INFINITY)
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.npz");
        let (regions, j) = (Regions::single("A", 1).unwrap(), Connectivity::dense(dmatrix![0.5]).unwrap());
        let network = Network::new(regions, j, Mine, &[0.1]).unwrap();
        assert!(write_network(&path, &network).unwrap_err().to_string().contains("Mine"));
        assert!(!path.exists());
        let mut fields = Fields::new(FORMAT);
        fields.put_regions(&network.regions);
        put(&mut fields, &Network::new(network.regions.clone(), network.connectivity.clone(), Tanh, &[0.1]).unwrap()).unwrap();
        let mut wrong = Fields::new(FORMAT);
        wrong.put_regions(&Regions::single("A", 3).unwrap());
        for (name, array) in fields.arrays.numbers().iter().filter(|(name, _)| name != "region_sizes") {
            wrong.arrays.push(name, array.clone());
        }
        wrong.put_text("nonlinearity", fields.text("nonlinearity").unwrap());
        wrong.arrays.write_npz(&path, Packing::default()).unwrap();
        let message = read_network(&path).unwrap_err().to_string();
        assert!(message.contains("'connectivity'") && message.contains("3 × 3"), "{message}");
        std::fs::write(folder.path().join("a.csv"), "1,2\n3,4\n").unwrap();
        let message = read_network(&folder.path().join("a.csv")).unwrap_err().to_string();
        assert!(message.contains("expected a network of crosscurrent, found a (2, 2)"), "{message}");
    }
}
