"""Boards, sections and pins on a page, as Pinterest would lay them out, with what the plan does to each."""
