//! Functions of one number.

use ae_import::Function;

/// A function, by its definition.
pub(crate) fn of(function: Function, x: f64) -> f64 {
    match function {
        Function::Relu => x.max(0.0),
        Function::Relu6 => x.clamp(0.0, 6.0),
        Function::LeakyRelu(slope) if x < 0.0 => f64::from(slope) * x,
        Function::Elu(factor) if x < 0.0 => f64::from(factor) * x.exp_m1(),
        Function::LeakyRelu(_) | Function::Elu(_) => x,
        Function::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Function::Tanh => x.tanh(),
        Function::Gelu => x * libm::erfc(-x / 2.0_f64.sqrt()) / 2.0,
        Function::Silu | Function::SiluProduct => x / (1.0 + (-x).exp()),
        Function::GeluTanh => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            x * (1.0 + inner.tanh()) / 2.0
        }
        Function::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        // Beyond this an f64 holds no difference from x.
        Function::Softplus if x > 40.0 => x,
        Function::Softplus => x.exp().ln_1p(),
    }
}
