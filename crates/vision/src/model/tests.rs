//! Every network opens and answers in the shape that [`ModelId`] documents.
