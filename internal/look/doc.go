// Package look is what all pages of Brume share, so that they look and speak
// alike: style sheet, mark, the files behind them, and words, numbers and days
// in French and English.
package look
