//! All functions, by name.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::logical_expr::registry::FunctionRegistry;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};
use datafusion::prelude::SessionContext;

use crate::drift::DriftFunction;
use crate::models::Models;
use crate::scalar::{Gives, WindowScalar};
use crate::stream::{StreamFunction, StreamGives};
use crate::threshold::ThresholdFunction;

/// The functions, which find models in one [`Models`].
#[derive(Debug, Clone)]
pub struct Functions {
    models: Arc<Models>,
    scalars: Vec<Arc<ScalarUDF>>,
    aggregates: Vec<Arc<AggregateUDF>>,
    windows: Vec<Arc<WindowUDF>>,
}

impl Functions {
    /// The functions that find models there.
    #[must_use]
    pub fn new(models: Arc<Models>) -> Self {
        let scalar = |gives| WindowScalar::new(gives, Arc::clone(&models));
        let stream = |gives| StreamFunction::new(gives, Arc::clone(&models));
        let scalars =
            Gives::ALL.map(|gives| Arc::new(ScalarUDF::new_from_impl(scalar(gives)))).to_vec();
        let mut windows = StreamGives::ALL
            .map(|gives| Arc::new(WindowUDF::new_from_impl(stream(gives))))
            .to_vec();
        windows.push(Arc::new(WindowUDF::new_from_impl(DriftFunction::new())));
        let threshold = AggregateUDF::new_from_impl(ThresholdFunction::new());
        Self { models, scalars, aggregates: vec![Arc::new(threshold)], windows }
    }

    /// Where they find models.
    #[must_use]
    pub const fn models(&self) -> &Arc<Models> {
        &self.models
    }

    /// The functions of a row.
    #[must_use]
    pub fn scalars(&self) -> &[Arc<ScalarUDF>] {
        &self.scalars
    }

    /// The functions of a group.
    #[must_use]
    pub fn aggregates(&self) -> &[Arc<AggregateUDF>] {
        &self.aggregates
    }

    /// The functions of a row and those before it.
    #[must_use]
    pub fn windows(&self) -> &[Arc<WindowUDF>] {
        &self.windows
    }

    /// Registers all of them, beside what is there.
    ///
    /// # Errors
    /// The registry takes no functions.
    pub fn register(&self, registry: &mut dyn FunctionRegistry) -> Result<()> {
        for function in &self.scalars {
            registry.register_udf(Arc::clone(function))?;
        }
        for function in &self.aggregates {
            registry.register_udaf(Arc::clone(function))?;
        }
        for function in &self.windows {
            registry.register_udwf(Arc::clone(function))?;
        }
        Ok(())
    }

    /// Registers all of them in a context.
    pub fn register_with(&self, context: &SessionContext) {
        for function in &self.scalars {
            context.register_udf(function.as_ref().clone());
        }
        for function in &self.aggregates {
            context.register_udaf(function.as_ref().clone());
        }
        for function in &self.windows {
            context.register_udwf(function.as_ref().clone());
        }
    }
}
