//! Analysis: what a recording or a network is like: spectra, correlations in time, dimension.
