//! Network: regions, J, phi and tau: the equation of the front page.

use crate::connectivity::Connectivity;
use crate::error::{Error, Result, positive};
use crate::nonlinearity::Nonlinearity;
use crate::regions::Regions;
use nalgebra::DMatrix;
use std::sync::Arc;

/// tau_i dx_i/dt = -x_i + sum_k J_ik phi(x_k) + u_i(t) + noise.
///
/// ```
/// use crosscurrent::{Ensemble, Network, Regions, Seed, ensemble::Gaussian, nonlinearity::Tanh};
/// let regions = Regions::new([("A", 30), ("B", 20)])?;
/// let j = Gaussian::default().sample(&regions, Seed(1))?;
/// let network = Network::new(regions, j, Tanh, &[0.1])?;
/// assert_eq!(network.neurons(), 50);
/// // At the origin of a tanh network the Jacobian is (J - 1) / tau.
/// let jacobian = network.jacobian(&[0.0; 50]);
/// assert!((jacobian[(0, 1)] - network.connectivity.to_dense()[(0, 1)] / 0.1).abs() < 1e-12);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Network {
    /// Named parts of the neurons.
    pub regions: Regions,
    /// J, N × N, target × source.
    pub connectivity: Connectivity,
    /// phi.
    pub nonlinearity: Arc<dyn Nonlinearity>,
    /// Time constant of every neuron, in s (N values).
    pub tau: Vec<f64>,
}

impl Network {
    /// A network; `tau` (s) is one value for all, one per region, or one per neuron.
    ///
    /// # Errors
    /// Regions and J of different size, a tau that is not positive, or a number of taus that fits nothing.
    pub fn new(regions: Regions, connectivity: Connectivity, nonlinearity: impl Nonlinearity + 'static, tau: &[f64]) -> Result<Self> {
        Self::from_parts(regions, connectivity, Arc::new(nonlinearity), tau)
    }

    /// As [`Network::new`], sharing a nonlinearity that exists already.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn from_parts(regions: Regions, connectivity: Connectivity, nonlinearity: Arc<dyn Nonlinearity>, tau: &[f64]) -> Result<Self> {
        let neurons = regions.neurons();
        if connectivity.neurons() != neurons {
            return Err(Error::shape(
                "connectivity of a network",
                format!("{neurons} × {neurons}, as the regions"),
                connectivity.neurons(),
            ));
        }
        nonlinearity.check()?;
        let tau = expand_tau(tau, &regions)?;
        Ok(Network { regions, connectivity, nonlinearity, tau })
    }

    /// Number of neurons N.
    pub fn neurons(&self) -> usize {
        self.tau.len()
    }

    /// phi of N activations.
    pub fn rates(&self, activations: &[f64]) -> Vec<f64> {
        let mut rates = vec![0.0; activations.len()];
        self.nonlinearity.rates(activations, &mut rates);
        rates
    }

    /// Jacobian of dx/dt at the N activations: (J_ik phi'(x_k) - delta_ik) / tau_i, in 1/s.
    pub fn jacobian(&self, activations: &[f64]) -> DMatrix<f64> {
        let mut slopes = vec![0.0; self.neurons()];
        self.nonlinearity.slopes(activations, &mut slopes);
        let mut jacobian = self.connectivity.to_dense();
        for (source, mut column) in jacobian.column_iter_mut().enumerate() {
            for (target, weight) in column.iter_mut().enumerate() {
                let leak = if target == source { 1.0 } else { 0.0 };
                *weight = (*weight * slopes[source] - leak) / self.tau[target];
            }
        }
        jacobian
    }
}

/// One value for all, one per region, or one per neuron -> one per neuron.
pub(crate) fn expand_tau(tau: &[f64], regions: &Regions) -> Result<Vec<f64>> {
    tau.iter().try_for_each(|&t| positive("tau", t).map(|_| ()))?;
    let neurons = regions.neurons();
    if tau.len() == 1 {
        Ok(vec![tau[0]; neurons])
    } else if tau.len() == neurons {
        Ok(tau.to_vec())
    } else if tau.len() == regions.count() {
        Ok(regions.sizes().iter().zip(tau).flat_map(|(&size, &t)| std::iter::repeat_n(t, size)).collect())
    } else {
        Err(Error::shape("tau", format!("1, {} (regions) or {neurons} (neurons) values", regions.count()), tau.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, Gaussian};
    use crate::nonlinearity::Tanh;
    use crate::seed::Seed;

    fn parts() -> (Regions, Connectivity) {
        let regions = Regions::new([("A", 3), ("B", 2)]).unwrap();
        let j = Gaussian::default().sample(&regions, Seed(1)).unwrap();
        (regions, j)
    }

    #[test]
    fn tau_may_be_given_once_per_region_or_per_neuron() {
        let (regions, j) = parts();
        let of = |tau: &[f64]| Network::new(regions.clone(), j.clone(), Tanh, tau).map(|n| n.tau);
        assert_eq!(of(&[0.1]).unwrap(), vec![0.1; 5]);
        assert_eq!(of(&[0.1, 0.2]).unwrap(), vec![0.1, 0.1, 0.1, 0.2, 0.2]);
        assert_eq!(of(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap()[4], 5.0);
        assert!(of(&[0.1, 0.2, 0.3]).is_err());
        assert!(of(&[0.0]).is_err());
    }

    #[test]
    fn the_jacobian_is_the_derivative_of_the_flow() {
        let (regions, j) = parts();
        let network = Network::new(regions, j, Tanh, &[0.1, 0.3]).unwrap();
        let x = [0.3, -0.8, 1.2, 0.05, -0.4];
        let flow = |x: &[f64]| -> Vec<f64> {
            let drive = network.connectivity.apply(&network.rates(x));
            (0..5).map(|i| (drive[i] - x[i]) / network.tau[i]).collect()
        };
        let jacobian = network.jacobian(&x);
        for k in 0..5 {
            let (mut up, mut down) = (x, x);
            up[k] += 1e-6;
            down[k] -= 1e-6;
            for (i, (a, b)) in flow(&up).iter().zip(flow(&down)).enumerate() {
                assert!(((a - b) / 2e-6 - jacobian[(i, k)]).abs() < 1e-6);
            }
        }
    }
}
