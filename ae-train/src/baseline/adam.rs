//! The Adam optimiser on a plain slice.

/// Decay of the mean of gradients, of the mean of their squares, and the term that keeps the
/// quotient finite: the defaults of Kingma & Ba 2015.
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Adam's state for one slice of parameters (Kingma & Ba 2015, algorithm 1).
pub(super) struct Adam {
    mean: Vec<f32>,
    square: Vec<f32>,
    steps: i32,
}

impl Adam {
    pub(super) fn new(parameters: usize) -> Self {
        Self { mean: vec![0.0; parameters], square: vec![0.0; parameters], steps: 0 }
    }

    /// Moves `parameters` against `gradient`; both are as long as the state.
    pub(super) fn step(&mut self, parameters: &mut [f32], gradient: &[f32], learning_rate: f32) {
        assert_eq!((parameters.len(), gradient.len()), (self.mean.len(), self.mean.len()));
        self.steps += 1;
        let mean_scale = 1.0 / (1.0 - BETA1.powi(self.steps));
        let square_scale = 1.0 / (1.0 - BETA2.powi(self.steps));
        let state = self.mean.iter_mut().zip(&mut self.square);
        for ((parameter, &gradient), (mean, square)) in
            parameters.iter_mut().zip(gradient).zip(state)
        {
            *mean += (1.0 - BETA1) * (gradient - *mean);
            *square += (1.0 - BETA2) * (gradient * gradient - *square);
            *parameter -=
                learning_rate * (*mean * mean_scale) / ((*square * square_scale).sqrt() + EPSILON);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_by_hand() {
        // The first step moves by the learning rate whatever the gradient's size.
        let mut adam = Adam::new(2);
        let mut parameters = [1.0, 1.0];
        adam.step(&mut parameters, &[4.0, -0.001], 0.1);
        assert!((parameters[0] - 0.9).abs() < 1e-6 && (parameters[1] - 1.1).abs() < 1e-5);
        // Gradient 0 then: mean .9·.4/.19 = 1.894737, square .999·.016/.001999 = 7.995998, quotient
        // .670059.
        adam.step(&mut parameters, &[0.0, 0.0], 0.1);
        assert!((parameters[0] - (0.9 - 0.067_005_9)).abs() < 1e-5, "{parameters:?}");
    }
}
