//! Texts as tools and shells leave them: UTF-8 with or without a mark, UTF-16 of either order, compressed.
