"""The starter encoder's training: captioned pictures in, its head and a held-out table out."""
