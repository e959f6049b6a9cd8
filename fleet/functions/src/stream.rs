//! Functions that follow a signal sample by sample: `ae_decisions` and `ae_windows`.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use ae_core::Samples;
use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{PartitionEvaluator, Signature, Volatility, WindowUDFImpl};

use crate::cut::Cut;
use crate::decide::{Decide, decision_type};
use crate::error::FunctionError;
use crate::model::Model;
use crate::models::Models;
use crate::samples::{Row, coerce, row};
use crate::windows::Lists;

/// What follows the signal of a device.
pub(crate) trait Follow: Debug + Send {
    /// Takes the next sample, and says what there is to say where a window ends.
    fn take(&mut self, sample: Samples<'_>) -> Result<Option<ScalarValue>>;

    /// Forgets the samples so far: the signal was interrupted.
    fn restart(&mut self);
}

/// What a function gives of the window that ends at a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum StreamGives {
    Decisions,
    Windows,
}

impl StreamGives {
    pub(crate) const ALL: [Self; 2] = [Self::Decisions, Self::Windows];

    const fn function(self) -> &'static str {
        match self {
            Self::Decisions => "ae_decisions",
            Self::Windows => "ae_windows",
        }
    }

    /// Its type for samples of type `sample`.
    fn of(self, sample: &DataType) -> DataType {
        use DataType::{FixedSizeList, LargeList, List};
        match (self, sample) {
            (Self::Decisions, _) => decision_type(),
            (Self::Windows, List(value) | LargeList(value) | FixedSizeList(value, _)) => {
                DataType::new_list(value.data_type().clone(), true)
            }
            (Self::Windows, _) => DataType::Null,
        }
    }

    fn follower(self, model: &Model) -> Result<Box<dyn Follow>> {
        Ok(match self {
            Self::Decisions => Box::new(Decide::new(model)?),
            Self::Windows => Box::new(Cut::new(model)?),
        })
    }
}

/// A function of the model and a signal.
#[derive(Debug)]
pub(crate) struct StreamFunction {
    gives: StreamGives,
    models: Arc<Models>,
    signature: Signature,
}

impl StreamFunction {
    pub(crate) fn new(gives: StreamGives, models: Arc<Models>) -> Self {
        Self { gives, models, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl PartialEq for StreamFunction {
    fn eq(&self, other: &Self) -> bool {
        self.gives == other.gives && Arc::ptr_eq(&self.models, &other.models)
    }
}

impl Eq for StreamFunction {}

impl Hash for StreamFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.gives.hash(state);
    }
}

impl WindowUDFImpl for StreamFunction {
    fn name(&self) -> &str {
        self.gives.function()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        coerce(self.gives.function(), found)
    }

    fn field(&self, arguments: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        let sample = arguments.get_input_field(1);
        let of = sample.map_or(DataType::Null, |field| self.gives.of(field.data_type()));
        Ok(Arc::new(Field::new(arguments.name(), of, true)))
    }

    fn partition_evaluator(
        &self,
        arguments: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        let sample = arguments.input_fields().get(1);
        let of = sample.map_or(DataType::Null, |field| self.gives.of(field.data_type()));
        Ok(Box::new(Following {
            gives: self.gives,
            models: Arc::clone(&self.models),
            followed: None,
            nothing: ScalarValue::try_from(&of)?,
        }))
    }
}

/// The signal of a partition.
#[derive(Debug)]
struct Following {
    gives: StreamGives,
    models: Arc<Models>,
    followed: Option<Followed>,
    /// At a sample that ends no window.
    nothing: ScalarValue,
}

/// What follows it, from the first sample on.
#[derive(Debug)]
struct Followed {
    /// What the query calls the model.
    name: String,
    model: Arc<Model>,
    follower: Box<dyn Follow>,
}

impl Following {
    /// The follower by the model that a row names.
    fn followed(&mut self, names: &ArrayRef, row: usize) -> Result<Option<&mut Followed>> {
        let names = names.as_string::<i32>();
        let name = names.is_valid(row).then(|| names.value(row));
        if let (None, Some(name)) = (&self.followed, name) {
            let model = self.models.get(&name.parse().map_err(FunctionError::from)?);
            let model = model.map_err(FunctionError::from)?;
            let follower = self.gives.follower(&model)?;
            self.followed = Some(Followed { name: name.to_owned(), model, follower });
        }
        if let (Some(followed), found) = (&self.followed, name)
            && found != Some(&*followed.name)
        {
            let found = found.unwrap_or("NULL");
            return Err(FunctionError::Constant {
                function: self.gives.function(),
                argument: "model",
                expected: "the same in all rows of a partition",
                found: format!("{} and then {found}", followed.name),
            }
            .into());
        }
        Ok(self.followed.as_mut())
    }
}

impl PartitionEvaluator for Following {
    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let function = self.gives.function();
        let [names, column, restarts @ ..] = values else {
            let (expected, found) = ("a model and a sample", values.len());
            return Err(FunctionError::Count { function, expected, found }.into());
        };
        let nothing = self.nothing.clone();
        let Some(samples) = Lists::of(function, "sample", column)? else { return Ok(nothing) };
        let Some(followed) = self.followed(names, range.start)? else { return Ok(nothing) };
        let restarts = restarts.first().map(|restarts| restarts.as_boolean());
        let Followed { model, follower, .. } = followed;
        let (sample, is_restart) = match row(model, &samples, restarts, range.start)? {
            Row::Sample(sample, is_restart) => (sample, is_restart),
            Row::Gap => {
                follower.restart();
                return Ok(nothing);
            }
        };
        if is_restart {
            follower.restart();
        }
        Ok(follower.take(sample)?.unwrap_or(nothing))
    }

    fn supports_bounded_execution(&self) -> bool {
        true
    }

    // What is said of a sample needs none that come later.
    fn is_causal(&self) -> bool {
        true
    }
}
