"""How the ear's phone head is made: synthesis, features, training, evaluation, model card."""
