"""The book's figures: tables and arrays in, matplotlib or plotly figures out; no file is read, no network asked.

A notebook calls `style.use_style()` once. A figure shows as the last expression of a cell, without a semicolon: figures
are made without pyplot, so nothing else shows them, and nothing keeps them in memory.
"""
